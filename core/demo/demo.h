/* demo.h: a simulated world as an engine's backend: no server, no network, no file.
 *
 * Everything happens inside take, seek and submit by the demo's own clock. The same seed and the
 * same steps give the same world.
 */
#ifndef CDCTOP_DEMO_DEMO_H
#define CDCTOP_DEMO_DEMO_H

#include "backend.h"
#include "demo/scenario.h"

struct demo_options {
    const char *what;      /* scenario: a name or a file; NULL: the default one */
    uint64_t seed;         /* 0: the usual one */
    double speed;          /* 0: as fast as the real clock */
    bool stepped;          /* time stands but for seeks */
    int64_t begin_wall_ms; /* what the wall clock says when the scenario begins; 0: what it is */
};

struct demo;

/* NULL and *err: there is no such scenario, or what is wrong with the file. */
struct demo *demo_open(const struct demo_options *options, struct err *err);
void demo_free(struct demo *demo); /* of one that no engine has taken */

const struct scenario *demo_scenario(const struct demo *demo);

size_t demo_memory(const struct demo *demo); /* bytes that its world has taken so far */

/* Its pipelines with made-up addresses; of the flags those that are about the program itself. NULL:
 * what is wrong stands in *problems. */
struct config *demo_config(const struct demo *demo, const struct config_flags *flags,
                           struct config_problems *problems);

/* Borrowed by the engine: demo_free it after engine_stop. */
struct backend demo_backend(struct demo *demo);

/* All names and titles, one a line. malloc'd. */
char *demo_list(void);

#endif
