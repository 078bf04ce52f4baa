/* The line path's entries: methods of Parser for a class that looks at the lines
 * itself.  _imapc.pyi says what each is for. */
#ifndef BINDING_PARSER_LINES_H
#define BINDING_PARSER_LINES_H

#include "parser.h"

PyObject *parser_line(PyObject *self, PyObject *line);
PyObject *parser_check_line(PyObject *self, PyObject *octets);
PyObject *parser_response(PyObject *self, PyObject *arguments, PyObject *keywords);
PyObject *parser_untagged(PyObject *self, PyObject *const *arguments, Py_ssize_t count);
PyObject *parser_values(PyObject *self, PyObject *data);

#endif
