/* Events of a typed parser about mailboxes, and about numbers of messages. */
#ifndef BINDING_MAILBOX_DATA_H
#define BINDING_MAILBOX_DATA_H

#include "events.h"

/* Each gives its event in *event, a new reference; IMAPC_SINK with a Python exception
 * set. */
typedef imapc_result mailbox_data(receiver *receiver, imapc_response *response,
                                  PyObject **event);

mailbox_data mailbox_data_list; /* LSUB, too */
mailbox_data mailbox_data_status;
mailbox_data mailbox_data_search;
mailbox_data mailbox_data_sort;
mailbox_data mailbox_data_vanished;

#endif
