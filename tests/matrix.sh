#!/bin/bash
# The CPythons that few machines have yet, out of Debian's sid: `make matrix`.
#
# Twisted's own suite, the vectors, the differential tests, those of Client and the
# references on CPython 3.14 and 3.15, each with a wheel of its own, and on their debug builds,
# which count references and have their internal assertions on.  sid is unpacked into a folder outside of
# this tree, by debootstrap, and kept there for the next time:
#
#   TWISTED_IMAPC_SID=FOLDER   another one than ~/.cache/twisted_imapc/sid
#   TWISTED_IMAPC_CELLS=CELLS  these alone, e.g. python3.15-dbg
#   TWISTED_IMAPC_CI=1         a cell that is left out has failed
#
# `rm -r` that folder for a newer sid.  It needs root, for chroot.
set -eu
cd "$(dirname "$0")/.."

CELLS="${TWISTED_IMAPC_CELLS:-python3.14 python3.14-dbg python3.15 python3.15-dbg}"
# What pip may have to build with, where a package has no wheel for a new Python.
PACKAGES='ca-certificates gcc libc6-dev libffi-dev libssl-dev locales make'
for version in 3.14 3.15; do
    PACKAGES="$PACKAGES python$version-dev python$version-dbg python$version-venv"
done

TESTS='tests/vectors tests/parser tests/client tests/drop_in/test_differential.py
    tests/life/test_lifecycle.py'

SID="${TWISTED_IMAPC_SID:-${XDG_CACHE_HOME:-$HOME/.cache}/twisted_imapc/sid}"

say() { printf '\n== %s\n' "$*"; }

# -- what this machine lacks ---------------------------------------------------

leave_out() {
    local cell
    for cell in $CELLS; do echo "left out: $cell, for $1"; done
    test "${TWISTED_IMAPC_CI-}" != 1 || exit 1
    exit 0
}

# Where apt gets Debian from; no address is written down here.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' \
        'Component: main' 2>/dev/null | sed --quiet 1p
}

# -- sid -----------------------------------------------------------------------

# apt's proxy, if it has one, for the program that debootstrap downloads with.
use_proxy() {
    local name proxy
    for name in http https; do
        proxy="$(apt-config dump --format '%v' "Acquire::$name::Proxy")"
        test -z "$proxy" || test "$proxy" = DIRECT || export "${name}_proxy=$proxy"
    done
}

# The stamp is the last to be written: what an interruption left is begun anew.
unpack() {
    local mirror
    if test "$(cat "$SID/.complete" 2>/dev/null)" = "$PACKAGES"; then return; fi
    mirror="$(mirror)"
    if test -z "$mirror"; then
        apt-get --quiet --quiet update || true
        mirror="$(mirror)"
    fi
    test -n "$mirror" || leave_out "lack of Debian's archive in apt's configuration"
    # Only what this script has begun is ever removed.
    if test -n "$(ls -A "$SID" 2>/dev/null)" && ! test -e "$SID/.begun"; then
        echo "$SID holds something else; set TWISTED_IMAPC_SID to a folder that is empty or new"
        exit 1
    fi
    say "Debian sid, into $SID"
    rm --recursive --force --one-file-system "$SID"
    mkdir -p "$SID"
    touch "$SID/.begun"
    use_proxy
    # Without the keyring debootstrap would go on with nothing verified.
    if ! debootstrap --force-check-gpg --variant=minbase --include="${PACKAGES// /,}" \
        sid "$SID" "$mirror" >"$SID.log" 2>&1; then
        echo 'debootstrap failed; the end of its log:'
        tail --lines 30 "$SID.log" "$SID/debootstrap/debootstrap.log" 2>/dev/null
        exit 1
    fi
    # One of Twisted's own tests wants it.
    chroot "$SID" localedef --inputfile=es_AR --charmap=UTF-8 es_AR.UTF-8
    chroot "$SID" apt-get clean
    echo "$PACKAGES" >"$SID/.complete"
}

# What lies under $1 here shall lie under $2 there, if it is here at all.
give() {
    test -e "$1" || return 0
    mkdir -p "$(dirname "$SID$2")"
    # Certificates are links to where the chroot has nothing; some lead nowhere.
    cp --recursive --dereference --remove-destination --no-target-directory \
        "$1" "$SID$2" 2>/dev/null || true
}

# How this machine reaches the network, anew each time: it may have changed.
furnish() {
    local file
    for file in /etc/resolv.conf /etc/ssl/certs /usr/local/share/ca-certificates \
        /etc/apt/apt.conf /etc/apt/apt.conf.d /etc/apt/auth.conf /etc/apt/auth.conf.d \
        /etc/xdg/pip /etc/pip.conf "${PIP_CONFIG_FILE-}" "${PIP_CERT-}"; do
        test -z "$file" || give "$file" "$file"
    done
    give "$HOME/.pip/pip.conf" /root/.pip/pip.conf
    give "${XDG_CONFIG_HOME:-$HOME/.config}/pip/pip.conf" /root/.config/pip/pip.conf
    test "$MOUNTS" = no && return
    mount -t proc proc "$SID/proc"
    mount --rbind /dev "$SID/dev"
    # Folders that pip takes packages from, whole, since an index refers to its
    # neighbours; but never over something that sid has, too.
    for file in $(cat "$SID"/etc/xdg/pip/* "$SID/etc/pip.conf" "$SID/root/.pip/pip.conf" \
        "$SID/root/.config/pip/pip.conf" 2>/dev/null | cat - <(env | grep '^PIP_') |
        grep --only-matching --extended-regexp '(=|file:/|[[:space:]])/[A-Za-z0-9_.-]+/' |
        sed 's|.*/\([^/]*\)/$|\1|' | sort --unique); do
        test -d "/$file" || continue
        mkdir -p "$SID/$file"
        rmdir "$SID/$file" 2>/dev/null || continue
        mkdir "$SID/$file"
        mount --bind --options ro "/$file" "$SID/$file"
    done
}

# -- the cells -----------------------------------------------------------------

# Where the cell's copy of the tree and its virtual environment are in the chroot.
place() { echo "/root/twisted_imapc/$1"; }

# Inside of the chroot, in the copy.
inside() {
    local venv tests
    venv="$(place "$1")/venv"
    tests="$(echo $TESTS)"
    # A debug build tells of each file that Twisted's tests leave open.
    PYTHONWARNINGS=ignore::ResourceWarning make twisted-suite "PYTHON=/usr/bin/$1" "VENV=$venv"
    # What only the C core could get wrong was tried on the other Pythons.
    export TWISTED_IMAPC_FEW_CUTS=1 TWISTED_IMAPC_EXAMPLES=20
    make pytest PROCESSES=0 "PYTHON=/usr/bin/$1" "VENV=$venv" "PYTEST_ARGS=-p no:cacheprovider $tests"
    # No wheel is released for a debug build.
    case "$1" in *-dbg) ;; *) make dist "PYTHON=/usr/bin/$1" "VENV=$venv" ;; esac
    "$venv/bin/python" -c 'import sys, twisted
print("CPython %d.%d.%d%s with Twisted %s" % (*sys.version_info[:3],
    " (debug)" if hasattr(sys, "gettotalrefcount") else "", twisted.__version__))'
}

run_cell() {
    local tree
    tree="$(place "$1")/tree"
    rm --recursive --force "$SID$(place "$1")"
    mkdir -p "$SID$tree"
    tar --create --exclude=./.git --exclude=./build --exclude=./dist --exclude='./.venv*' \
        --exclude=./.hypothesis --exclude='.*_cache' --exclude=__pycache__ \
        --exclude='*.so' --exclude='*.egg-info' . |
        tar --extract --no-same-owner --directory "$SID$tree"
    # pip's variables go in; those of a make or of a Python around this one do not.
    env --unset=MAKEFLAGS --unset=MAKELEVEL --unset=PYTHONPATH --unset=PYTHONHOME \
        --unset=VIRTUAL_ENV --unset=TMPDIR --unset=XDG_CACHE_HOME --unset=XDG_CONFIG_HOME \
        --unset=PIP_CACHE_DIR --unset=CC HOME=/root LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        chroot "$SID" bash "$tree/tests/matrix.sh" --inside "$1"
}

main() {
    local cell started failed=0
    test "$(id -u)" = 0 || leave_out 'want of root'
    for cell in debootstrap chroot; do
        command -v "$cell" >/dev/null || leave_out "lack of $cell"
    done
    # Mounts in a namespace of their own end with it, whatever happens; where
    # there can be none, the cells do without /proc.
    if test "${1-}" = --in-namespace; then
        MOUNTS=yes
    elif unshare --mount true 2>/dev/null; then
        exec unshare --mount --propagation private bash tests/matrix.sh --in-namespace
    else
        MOUNTS=no
    fi
    mkdir -p "$(dirname "$SID")"
    SID="$(cd "$(dirname "$SID")" && pwd)/$(basename "$SID")"
    case "$SID" in
    *[[:space:]]*)
        echo "debootstrap cannot do with a space in $SID; set TWISTED_IMAPC_SID to another folder"
        exit 1
        ;;
    esac
    exec 9>"$SID.lock"
    flock 9
    unpack
    furnish
    for cell in $CELLS; do
        say "$cell"
        started=$SECONDS
        if run_cell "$cell" </dev/null 9>&-; then
            echo "$cell: passed, $((SECONDS - started)) s"
        else
            echo "$cell: FAILED, $((SECONDS - started)) s"
            failed=1
        fi
    done
    return "$failed"
}

# exit, for this file may be another one by then.
if test "${1-}" = --inside; then inside "$2"; else main "$@"; fi; exit
