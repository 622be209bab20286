/* From a path to the endpoint that answers it. */
#ifndef TACHO_DAEMON_ROUTES_H
#define TACHO_DAEMON_ROUTES_H

#include "daemon/request.h"

/* Checks the host, reads the parameters and answers: an endpoint, a file of the page, a problem. */
enum MHD_Result routes_answer(struct request *request, const char *path, const char *method);

#endif
