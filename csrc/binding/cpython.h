/* Python's C API, as every file here includes it. */
#ifndef BINDING_CPYTHON_H
#define BINDING_CPYTHON_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#endif
