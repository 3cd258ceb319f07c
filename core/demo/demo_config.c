/* demo_config.c: a configuration for pipelines that are not there. */
#include "base/strbuf.h"
#include "demo/demo.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 256 * 1024 };

/* Servers of one's own; or what stands in their place at AWS. */
static void put_servers(struct strbuf *sb, const struct scenario_pipeline *p)
{
    bool dms = false;
    for (size_t i = 0; i < p->nsources; i++)
        dms = dms || p->sources[i].dms;
    if (!p->aws) {
        strbuf_puts(sb, "[pipeline.kafka]\nbootstrap_servers = [\"kafka-1.internal:9093\"]\n"
                        "security_protocol = \"SSL\"\n"
                        "[pipeline.connect]\nurls = [\"https://connect.internal:8083\"]\n");
        return;
    }
    strbuf_printf(sb,
                  "[pipeline.kafka]\nsecurity_protocol = \"SASL_SSL\"\n"
                  "sasl_mechanism = \"AWS_MSK_IAM\"\n"
                  "bootstrap_servers = [\"b-1.%s.c4.kafka.eu-central-1.amazonaws.com:9098\"]\n"
                  "[pipeline.aws]\nregion = \"eu-central-1\"\n"
                  "[pipeline.msk]\ncluster = \"%s\"\n[pipeline.mskconnect]\nconnectors = [\"*\"]\n"
                  "[pipeline.rds]\ninstance = \"auto\"\n",
                  p->name, p->name);
    if (dms)
        strbuf_puts(sb, "[pipeline.dms]\ntasks = [\"*\"]\n");
}

static void put_pipeline(struct strbuf *sb, const struct scenario *s,
                         const struct scenario_pipeline *p)
{
    strbuf_printf(sb,
                  "[[pipeline]]\nname = \"%s\"\nenvironment = \"demo\"\n"
                  "[pipeline.postgres]\n"
                  "conninfo = \"host=%s-db.internal dbname=%s user=cdctop sslmode=verify-full\"\n"
                  "[pipeline.s3]\nurl = \"s3://%s/topics\"\nregion = \"eu-central-1\"\n"
                  "count_records = true\n",
                  p->name, p->database, p->database, p->bucket);
    put_servers(sb, p);
    strbuf_puts(sb, "[pipeline.thresholds]\n");
    /* What a sink does on purpose is jerky: seconds alone are no news. */
    bool given = false;
    for (size_t i = 0; i < s->nsettings; i++) {
        given = given || strcmp(s->settings[i].key, "end_to_end_warn") == 0;
        strbuf_printf(sb, "%s = \"%s\"\n", s->settings[i].key, s->settings[i].value);
    }
    if (!given)
        strbuf_puts(sb, "end_to_end_warn = \"20s\"\n");
}

struct config *demo_config(const struct demo *demo, const struct config_flags *flags,
                           struct config_problems *problems)
{
    const struct scenario *s = demo_scenario(demo);
    struct config_flags own = *flags;
    struct strbuf sb;
    own.pipeline = NULL; /* the order is that of the scenario */
    strbuf_init(&sb, TEXT_MAX);
    for (size_t i = 0; i < s->npipelines; i++)
        put_pipeline(&sb, s, &s->pipelines[i]);
    struct config *config = config_of_text(sb.text, sb.len, &own, problems);
    strbuf_free(&sb);
    return config;
}
