/* Scenarios of one's own fed with anything: what is accepted must run, and be seen by all sources.
 */
#include "demo/sim.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const struct scenario *s, size_t pipeline)
{
    enum { RUN_MS = 3000 };
    struct sim *sim = sim_new(s, pipeline, 7, INT64_C(1795183200000));
    sim_advance(sim, RUN_MS);
    snapshot_free(sim_see_pg(sim));
    snapshot_free(sim_see_kafka(sim));
    snapshot_free(sim_see_connect(sim));
    snapshot_free(sim_see_s3(sim));
    sim_free(sim);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = ERR_INIT;
    struct scenario *s = scenario_text("fuzz", (const char *)data, size, &err);
    if (s == NULL && err.kind == ERR_NONE)
        abort(); /* refused without a word */
    for (size_t i = 0; s != NULL && i < s->npipelines; i++)
        run(s, i);
    scenario_free(s);
    return 0;
}
