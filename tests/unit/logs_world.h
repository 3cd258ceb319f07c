/* logs_world.h: what the logs of managed connectors tell, for f.edit[SOURCE_LOGS]. */
#ifndef CDCTOP_TESTS_LOGS_WORLD_H
#define CDCTOP_TESTS_LOGS_WORLD_H

#include "tests/unit/world_fixture.h"

/* The log of that connector, read for the last three hours; one more in each call. */
struct log_tail *logs_world_tail(const struct fixture *f, struct snapshot *snap,
                                 enum connect_service service, const char *connector);
/* Newest first: in the order in which they are to stand. task -1: of none. */
void logs_world_event(const struct fixture *f, struct snapshot *snap, struct log_tail *tail,
                      enum logged kind, int task, int64_t age_ms, const char *text,
                      const char *cause);

#endif
