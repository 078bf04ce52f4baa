"""
The C extension; everything else about the package stands in pyproject.toml.

Environment variables (each is on when set to anything but "" and "0"):

TWISTED_IMAPC_WERROR
    A compiler warning is an error.  For this project's own checks, not for
    users, whose compilers know warnings that ours do not.
TWISTED_IMAPC_DEBUG
    No optimisation, debug symbols, C{assert()} is on.
TWISTED_IMAPC_SANITIZE
    AddressSanitizer and UndefinedBehaviorSanitizer.  The interpreter must then
    be started with the sanitizer's runtime preloaded (LD_PRELOAD).
"""

import glob
import os
import platform
import shutil
import sys
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


def switched_on(name: str) -> bool:
    """Whether the environment variable asks for something."""
    return os.environ.get(name, "") not in ("", "0")


def stop(reason: str, remedy: str) -> "SystemExit":
    """One line for the user instead of a compiler's or a traceback's many."""
    return SystemExit(f"twisted_imapc: {reason}; {remedy}")


def compile_arguments(msvc: bool) -> list[str]:
    """The compiler's flags, behind those that Python itself was built with."""
    if msvc:
        return ["/std:c11", "/W3"] + (["/WX"] if switched_on("TWISTED_IMAPC_WERROR") else [])
    flags = ["-std=c11", "-Wall", "-Wextra", "-fvisibility=hidden"]
    if switched_on("TWISTED_IMAPC_WERROR"):
        flags.append("-Werror")
    if switched_on("TWISTED_IMAPC_DEBUG"):
        flags += ["-O0", "-g", "-UNDEBUG"]
    if switched_on("TWISTED_IMAPC_SANITIZE"):
        flags += ["-O1", "-g", "-UNDEBUG", "-fno-omit-frame-pointer"]
        flags += ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
    return flags


def link_arguments() -> list[str]:
    """The linker's flags."""
    return ["-fsanitize=address,undefined"] if switched_on("TWISTED_IMAPC_SANITIZE") else []


def find_header(directories: list[str]) -> bool:
    """Whether the headers of this very Python are installed."""
    return any(os.path.exists(os.path.join(place, "Python.h")) for place in directories)


class BuildExtension(build_ext):
    """C{build_ext} that says in one line what the machine lacks."""

    def build_extensions(self) -> None:
        self.check_machine()
        msvc = self.compiler.compiler_type == "msvc"
        for extension in self.extensions:
            extension.extra_compile_args = compile_arguments(msvc)
            extension.extra_link_args = link_arguments()
        super().build_extensions()

    def check_machine(self) -> None:
        """Stop early where the compiler or Python's headers are missing."""
        if self.compiler.compiler_type == "msvc":
            return
        command = self.compiler.compiler_so[0]
        if shutil.which(command) is None:
            raise stop(
                f"no C compiler ({command!r} is not on the PATH)",
                "install one, on Debian and Ubuntu with: apt-get install gcc libc6-dev",
            )
        places = [*self.compiler.include_dirs, *self.include_dirs, sysconfig.get_path("include")]
        if not find_header(places):
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise stop(
                f"Python.h of Python {version} is missing",
                "install Python's development files, on Debian and Ubuntu with: "
                f"apt-get install python{version}-dev",
            )


if platform.python_implementation() != "CPython":
    raise stop(
        f"{platform.python_implementation()} is not supported",
        "the parser is a C extension for CPython 3.10 or newer: install and use CPython",
    )

setup(
    cmdclass={"build_ext": BuildExtension},
    ext_modules=[
        Extension(
            "twisted_imapc._imapc",
            sources=sorted(glob.glob("csrc/core/*.c")) + sorted(glob.glob("csrc/binding/*.c")),
            include_dirs=["csrc/core", "csrc/binding"],
            depends=sorted(glob.glob("csrc/*/*.h")) + ["setup.py"],
            language="c",
        )
    ],
)
