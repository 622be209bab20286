/* Which of its formats an exposition is written in: what the client's Accept header says. Pure. */
#ifndef TACHO_DAEMON_EXPOSITION_ACCEPT_H
#define TACHO_DAEMON_EXPOSITION_ACCEPT_H

#include "collectors/application/exposition.h"

/*
 * OpenMetrics where the header (NULL: there is none) names it, of version 1.0.0 or of none, with a
 * weight that no range has which Prometheus's text is in; else the text, though it be refused: a
 * wrong format says more than a 406.
 */
enum exposition_format exposition_accepted(const char *header);

/* The Content-Type. */
const char *exposition_type_name(enum exposition_format format);

#endif
