/* msk_world.h: the pipeline of world_fixture.h, its connectors run by MSK Connect. */
#ifndef CDCTOP_TESTS_MSK_WORLD_H
#define CDCTOP_TESTS_MSK_WORLD_H

#include "tests/unit/world_fixture.h"

/* For f.edit[SOURCE_MSK_CONNECT]: what Connect would say, as MSK Connect says it. */
void msk_connectors(struct fixture *f, struct snapshot *snap);
/* From now on MSK Connect tells of the connectors, and Kafka Connect is off. */
void msk_takes_over(struct fixture *f);
/* A figure of AWS/KafkaConnect, two minutes old, for f.edit[SOURCE_CLOUDWATCH]. */
void msk_figure(const struct fixture *f, struct snapshot *snap, const char *connector,
                const char *name, double value, double before);
/* An operation, one minute old, of the connector; ended: just now. */
void msk_operation(const struct fixture *f, struct snapshot *snap, const char *connector,
                   const char *type, const char *state, bool ended);

#endif
