#include "tests/unit/stepped_demo.h"

#include "tests/check.h"

void stepped_demo(const char *what, uint64_t seed, struct demo **demo, struct config **config)
{
    struct err err = ERR_INIT;
    const struct config_flags flags = {0};
    struct config_problems problems = {0};
    *demo = demo_open(&(struct demo_options){.what = what, .seed = seed, .stepped = true}, &err);
    if (*demo == NULL)
        fail_msg("%s", err.text);
    *config = demo_config(*demo, &flags, &problems);
    if (*config == NULL)
        fail_msg("%s: %s", what, problems.items[0].text);
    config_problems_free(&problems);
}
