/* connect_samples.h: recorded answers of Kafka Connect (tests/samples/connect) for the tests. */
#ifndef CDCTOP_TESTS_CONNECT_SAMPLES_H
#define CDCTOP_TESTS_CONNECT_SAMPLES_H

#include "model/snapshot.h"

/* The file without the "# …" line that says what it is. malloc'd; the test fails if it is missing.
 */
char *connect_sample(const char *name);

/* Calls each with the text of every "trace" member in the text, wherever it stands; returns how
 * many there were. */
size_t connect_sample_traces(const char *text, void (*each)(const char *trace, void *arg),
                             void *arg);

/* A snapshot of a recorded list (a body of GET /connectors?expand=…). */
struct snapshot *connect_sample_list(const char *name);

/* One connector whose config is a recorded JSON object. In snap's arena. */
struct connect_connector *connect_sample_config(struct snapshot *snap, const char *name,
                                                const char *connector, const char *type);

const struct connect_connector *connect_sample_find(const struct snapshot *snap, const char *name);

#endif
