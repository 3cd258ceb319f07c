/* headless_config.c: the configuration of a connector, as :save-config saves it. */
#include "base/mem.h"
#include "base/utf8.h"
#include "config/values.h"
#include "report/connector_config.h"
#include "tui/headless.h"
#include "tui/headless_session.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_NOT_DONE = 1, LINE_SIZE = 700 };

static int print(const struct connect_connector *c)
{
    size_t masked;
    char *text = connector_config_json(c, &masked);
    (void)printf("%s\n", text);
    (void)fflush(stdout);
    free(text);
    if (masked > 0)
        (void)fprintf(stderr, "cdctop: %zu secret%s masked in it\n", masked,
                      masked == 1 ? " is" : "s are");
    return 0;
}

static void complain(const char *before, const char *text, const char *after)
{
    char clean[LINE_SIZE];
    (void)fprintf(stderr, "cdctop: %s%s%s\n", before, utf8_clean(clean, sizeof(clean), text, false),
                  after);
}

/* What keeps its connectors from us, and the one of those that we know which may be meant. */
static void hint(const struct session *s, const char *name)
{
    const struct pipeline *p = engine_pipeline(s->engine, s->index);
    const struct world_pipeline *wp = &engine_world(s->engine)->pipelines[s->index];
    for (int i = 0; i < SERVICE_COUNT; i++) {
        const struct err *err = &wp->sources[service_source((enum connect_service)i)].err;
        if (err->kind != ERR_NONE)
            complain("", err->text, "");
    }
    const char **names = mem_calloc(p->nconnectors + 1, sizeof(*names));
    for (size_t i = 0; i < p->nconnectors; i++)
        names[i] = p->connectors[i].base.name;
    const char *near = value_nearest(name, names, p->nconnectors);
    if (near != NULL)
        complain("did you mean ", near, "?");
    free(names);
}

int headless_config(struct config *config, const struct cli_options *opts, struct backend from)
{
    struct session s;
    const struct connector_row *c = NULL;
    size_t first, end;
    if (!session_open(&s, config, opts, from))
        return EXIT_NOT_DONE;
    int64_t wait = opts->wait_ms > 0 ? opts->wait_ms : SESSION_WAIT_MS;
    session_chosen(&s, config, opts, &first, &end);
    for (size_t i = first; i < end && c == NULL; i++) {
        s.index = i;
        if (!session_settle(&s, wait))
            return session_close(&s, EXIT_NOT_DONE);
        c = pipeline_connector(engine_pipeline(s.engine, i), opts->name);
    }
    if (c != NULL && c->connector->nconfig > 0)
        return session_close(&s, print(c->connector));
    if (c != NULL)
        complain("the config of ", opts->name, " is not known");
    else
        complain("there is no connector ", opts->name, "");
    for (s.index = first; s.index < end; s.index++)
        hint(&s, opts->name);
    return session_close(&s, EXIT_NOT_DONE);
}
