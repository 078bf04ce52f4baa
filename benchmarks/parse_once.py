"""
Nothing but the C parser and one answer, for valgrind to count; the interpreter
alone costs it a second.

    python -I benchmarks/parse_once.py EXTENSION SHAPE FILE
"""

import gc
import importlib.util
import sys

extension, shape, path = sys.argv[1:]
found = importlib.util.spec_from_file_location("twisted_imapc._imapc", extension)
assert found is not None and found.loader is not None
module = importlib.util.module_from_spec(found)
found.loader.exec_module(module)

gc.disable()
parser = module.Parser()
parser.expect(shape)
with open(path, "rb") as file:
    chunks = list(iter(lambda: file.read(64 * 1024), b""))
for chunk in chunks:
    parser.feed(chunk)
    answer = parser.next()
assert answer[0] == "tagged", answer
# One parse for what is collected, or nothing was measured.
assert parser.take()[0]
