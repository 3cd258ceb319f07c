#include "report/discover_int.h"

#include "base/mem.h"
#include "config/conninfo.h"
#include "config/secretref.h"
#include "model/connector_facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_BYTES = 256 * 1024 };

/* ---- values ---------------------------------------------------------------------------------- */

bool discover_usable(const char *value)
{
    return value != NULL && value[0] != '\0' && strstr(value, "${") == NULL;
}

bool discover_put(struct pipeline_config *pc, enum option_section section, const char *key,
                  const char *value)
{
    const char *why;
    return discover_usable(value) && options_set(options_find(section, key), pc, value, &why);
}

void discover_put_env(const struct discover_work *w, enum option_section section, const char *key,
                      const char *variable)
{
    struct strbuf name;
    const char *why;
    strbuf_init(&name, DISCOVER_TEXT);
    strbuf_puts(&name, variable);
    if (w->several && w->pc->name[0] != '\0') {
        strbuf_putc(&name, '_');
        for (const char *p = w->pc->name; *p != '\0'; p++)
            strbuf_putc(&name, isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_');
    }
    char *value = mem_printf("${env:%s}", name.text);
    if (options_set(options_find(section, key), w->pc, value, &why))
        strbuf_printf(&w->out->env, "%s\n", name.text);
    free(value);
    strbuf_free(&name);
}

void discover_put_login(struct discover_work *w, enum option_section section, const char *key,
                        const char *given, const char *variable)
{
    const char *why;
    if (!secretref_whole(given) || !options_set(options_find(section, key), w->pc, given, &why))
        discover_put_env(w, section, key, variable);
}

void discover_put_user(struct discover_work *w)
{
    const struct kafka_config *given = &w->given->kafka;
    discover_put_login(w, SECTION_KAFKA, "sasl_username", given->sasl_username,
                       "CDCTOP_KAFKA_USERNAME");
    discover_put_login(w, SECTION_KAFKA, "sasl_password", given->sasl_password,
                       "CDCTOP_KAFKA_PASSWORD");
}

/* libpq's keyword form. */
static void put_word(struct strbuf *sb, const char *key, const char *value)
{
    if (!discover_usable(value))
        return;
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    strbuf_printf(sb, "%s%s=", sb->len > 0 ? " " : "", key);
    if (strspn(value, plain) == strlen(value)) {
        strbuf_puts(sb, value);
        return;
    }
    strbuf_putc(sb, '\'');
    for (const char *p = value; *p != '\0'; p++) {
        if (*p == '\'' || *p == '\\')
            strbuf_putc(sb, '\\');
        strbuf_putc(sb, *p);
    }
    strbuf_putc(sb, '\'');
}

static enum source_state state_of(const struct discover_work *w, enum source_kind kind)
{
    return world_state(w->world, w->index, kind);
}

/* ---- the servers ----------------------------------------------------------------------------- */

/* From a connector's settings, in *conninfo; false: no connector tells. At RDS the password is
 * never sent in the clear. */
static bool conninfo_of(struct discover_work *w, char **conninfo)
{
    const struct connector_facts *f = w->source != NULL ? w->source->facts : NULL;
    bool postgres = f != NULL && (f->role == CONNECTOR_SOURCE_POSTGRES ||
                                  (f->role == CONNECTOR_SOURCE_DMS && f->connector->dms != NULL &&
                                   connector_facts_dms_postgres(f->connector->dms)));
    struct strbuf sb;
    char port[20] = "";
    if (!postgres || !discover_usable(f->db_host))
        return false;
    strbuf_init(&sb, DISCOVER_TEXT);
    put_word(&sb, "host", f->db_host);
    if (f->db_port > 0)
        (void)snprintf(port, sizeof(port), "%d", f->db_port);
    put_word(&sb, "port", port);
    put_word(&sb, "dbname", f->db_name);
    put_word(&sb, "user", f->db_user);
    char *secret = discover_secret(w, f->db_host, "database.user");
    if (secret != NULL)
        strbuf_printf(&sb, " user=%s", secret);
    if (w->aws != NULL && discover_at_rds(f->db_host))
        strbuf_puts(&sb, " sslmode=require");
    free(secret);
    *conninfo = strbuf_take(&sb);
    return true;
}

static void fill_password(struct discover_work *w)
{
    const struct postgres_config *given = &w->given->postgres;
    char *host = conninfo_get(w->pc->postgres.conninfo, "host");
    char *secret = host != NULL && !secretref_whole(given->password)
                       ? discover_secret(w, host, "database.password")
                       : NULL;
    const char *why;
    if (secret != NULL &&
        options_set(options_find(SECTION_POSTGRES, "password"), w->pc, secret, &why))
        strbuf_printf(&w->out->found, "password: %s, as the connector has it\n", secret);
    else
        discover_put_login(w, SECTION_POSTGRES, "password", given->password, "CDCTOP_PG_PASSWORD");
    free(secret);
    free(host);
}

static void tell_no_postgres(struct discover_work *w)
{
    const struct connector_facts *f = w->source != NULL ? w->source->facts : NULL;
    const struct dms_task *task = f != NULL ? f->connector->dms : NULL;
    if (w->aws != NULL && task != NULL && task->source_engine != NULL)
        strbuf_printf(&w->out->missing, "postgres.conninfo: task %s reads from %s%s\n", task->id,
                      task->source_engine,
                      connector_facts_dms_postgres(task)
                          ? "; its endpoint names no host, which a secret may hold"
                          : "");
    else
        strbuf_puts(&w->out->missing, "postgres.conninfo: no connector tells where the database "
                                      "is\n");
}

static void fill_postgres(struct discover_work *w)
{
    const struct postgres_config *given = &w->given->postgres;
    bool wants_password = true;
    char *conninfo;
    const char *why;
    if (config_has_postgres(w->given) && conninfo_has_secret(given->conninfo)) {
        strbuf_puts(&w->out->missing, "postgres.conninfo: what was given has a secret in it\n");
        return;
    }
    if (config_has_postgres(w->given)) {
        (void)discover_put(w->pc, SECTION_POSTGRES, "conninfo", given->conninfo);
        strbuf_printf(&w->out->found, "PostgreSQL: %s (given)\n", given->conninfo);
        wants_password = given->password[0] != '\0';
    } else if (conninfo_of(w, &conninfo)) {
        (void)options_set(options_find(SECTION_POSTGRES, "conninfo"), w->pc, conninfo, &why);
        strbuf_printf(&w->out->found,
                      "PostgreSQL: %s (from connector %s, its role too: one of "
                      "your own with pg_monitor is better)\n",
                      conninfo, w->source->base.name);
        free(conninfo);
        /* An open server needs none; one that PGPASSWORD opened does. */
        const char *env = getenv("PGPASSWORD");
        wants_password = state_of(w, SOURCE_POSTGRES) != STATE_FRESH || discover_usable(env);
    } else {
        tell_no_postgres(w);
        return;
    }
    if (discover_is_iam(w))
        (void)discover_put(w->pc, SECTION_POSTGRES, "login", "rds-iam");
    else if (wants_password)
        fill_password(w);
    discover_fill_rds(w);
}

/* The first connector that says so, in any of its clients' settings. */
static const char *client_setting(const struct pipeline *p, const char *name)
{
    static const char *const prefixes[] = {
        "signal.consumer.",   "producer.override.",
        "consumer.override.", "schema.history.internal.consumer.",
        "admin.override.",    "schema.history.internal.producer.",
    };
    for (size_t i = 0; i < p->nconnectors; i++) {
        for (size_t k = 0; k < ARRAY_LEN(prefixes); k++) {
            char key[100];
            (void)snprintf(key, sizeof(key), "%s%s", prefixes[k], name);
            const struct connect_connector *c = p->connectors[i].connector;
            const char *value = kv_find(c->config, c->nconfig, key);
            if (discover_usable(value))
                return value;
        }
    }
    return NULL;
}

void discover_put_list(struct discover_work *w, enum option_section section, const char *key,
                       const struct strlist *list)
{
    const char *why;
    for (size_t i = 0; i < list->count; i++)
        (void)options_append(options_find(section, key), w->pc, list->items[i], &why);
}

static void fill_kafka(struct discover_work *w)
{
    const struct kafka_config *given = &w->given->kafka;
    const char *found = w->hints->bootstrap_servers;
    if (!config_has_kafka(w->given) && w->aws != NULL && discover_fill_msk(w))
        return;
    if (config_has_kafka(w->given)) {
        discover_put_list(w, SECTION_KAFKA, "bootstrap_servers", &given->bootstrap_servers);
        (void)discover_put(w->pc, SECTION_KAFKA, "security_protocol", given->security_protocol);
        strbuf_printf(&w->out->found, "Kafka: %s (given)\n", given->bootstrap_servers.items[0]);
    } else if (discover_put(w->pc, SECTION_KAFKA, "bootstrap_servers", found)) {
        const char *protocol = client_setting(w->p, "security.protocol");
        (void)discover_put(w->pc, SECTION_KAFKA, "security_protocol", protocol);
        (void)discover_put(w->pc, SECTION_KAFKA, "sasl_mechanism",
                           client_setting(w->p, "sasl.mechanism"));
        strbuf_printf(&w->out->found, "Kafka: %s (from a connector's settings)\n", found);
    } else {
        strbuf_puts(&w->out->missing, "kafka.bootstrap_servers: no connector names the brokers\n");
        return;
    }
    if (strncmp(w->pc->kafka.security_protocol, "SASL", 4) == 0)
        discover_put_user(w);
}

static void fill_connect(struct discover_work *w)
{
    const struct connect_config *given = &w->given->connect;
    if (w->several && !discover_runs_some(w, SERVICE_CONNECT))
        return;
    discover_put_list(w, SECTION_CONNECT, "urls", &given->urls);
    if (!w->several)
        discover_put_list(w, SECTION_CONNECT, "connectors", &given->connectors);
    (void)discover_put(w->pc, SECTION_CONNECT, "ssl_ca", given->ssl_ca);
    (void)discover_put(w->pc, SECTION_CONNECT, "ssl_certificate", given->ssl_certificate);
    (void)discover_put(w->pc, SECTION_CONNECT, "ssl_key", given->ssl_key);
    if (discover_put(w->pc, SECTION_CONNECT, "username", given->username) &&
        given->password[0] != '\0')
        discover_put_login(w, SECTION_CONNECT, "password", given->password,
                           "CDCTOP_CONNECT_PASSWORD");
}

static void fill_s3(const struct discover_work *w)
{
    const struct s3_config *given = &w->given->s3;
    const struct connector_facts *f = NULL;
    for (size_t i = 0; i < w->p->nconnectors && f == NULL; i++) {
        const struct connector_row *c = &w->p->connectors[i];
        if (connector_role_is_s3(c->facts->role) && discover_belongs(w, c) &&
            discover_usable(c->facts->bucket))
            f = c->facts;
    }
    if (!discover_put(w->pc, SECTION_S3, "url", given->url) && f != NULL) {
        char *url = mem_printf("s3://%s", f->bucket);
        (void)discover_put(w->pc, SECTION_S3, "url", url);
        free(url);
    }
    /* The bucket's own is in the sink's settings; AWS_REGION is where the services are. */
    bool own = w->aws != NULL && f != NULL && discover_put(w->pc, SECTION_S3, "region", f->region);
    if (!own && !discover_put(w->pc, SECTION_S3, "region", given->region) && f != NULL)
        (void)discover_put(w->pc, SECTION_S3, "region", f->region);
    /* One with a login in it is none for us: we have keys of our own. */
    if (!discover_put(w->pc, SECTION_S3, "endpoint", given->endpoint) && f != NULL &&
        f->endpoint != NULL && strchr(f->endpoint, '@') == NULL)
        (void)discover_put(w->pc, SECTION_S3, "endpoint", f->endpoint);
    if (w->pc->s3.url[0] == '\0') {
        strbuf_puts(&w->out->missing, "s3.url: no sink names a bucket\n");
        return;
    }
    strbuf_printf(&w->out->found, "S3: %s%s%s%s%s\n", w->pc->s3.url,
                  w->pc->s3.region[0] != '\0' ? ", region " : "", w->pc->s3.region,
                  w->pc->s3.endpoint[0] != '\0' ? ", endpoint " : "", w->pc->s3.endpoint);
    if (w->aws == NULL && !discover_usable(getenv("AWS_ACCESS_KEY_ID")) &&
        !discover_usable(getenv("AWS_PROFILE")))
        strbuf_puts(&w->out->missing,
                    "S3 keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, in the "
                    "environment, or keys in [pipeline.s3]; without these the default profile and "
                    "the role of container or instance are tried\n");
}

/* ---- pipelines ------------------------------------------------------------------------------- */

static void fill_pipeline(struct discover_work *w)
{
    options_defaults(true, w->pc);
    const struct connector_facts *f = w->source != NULL ? w->source->facts : NULL;
    if (!discover_put(w->pc, SECTION_PIPELINE, "name", f != NULL ? f->db_name : NULL))
        (void)discover_put(w->pc, SECTION_PIPELINE, "name",
                           f != NULL ? f->topic_prefix : w->given->name);
    for (const struct pipeline_config *other = w->out->config.pipelines; other < w->pc; other++) {
        if (w->source != NULL && strcmp(other->name, w->pc->name) == 0)
            (void)discover_put(w->pc, SECTION_PIPELINE, "name", w->source->base.name);
    }
    (void)discover_put(w->pc, SECTION_PIPELINE, "environment", w->given->environment);
    if (w->pc->name[0] == '\0' && w->source != NULL && w->aws != NULL)
        (void)discover_put(w->pc, SECTION_PIPELINE, "name", w->source->base.name);
    if (w->several && w->aws != NULL)
        strbuf_printf(&w->out->found, "pipeline %s:\n", w->pc->name);
    fill_connect(w);
    discover_list_connectors(w);
    discover_fill_aws(w);
    fill_postgres(w);
    fill_kafka(w);
    fill_s3(w);
}

/* Where there are several, each line says whose it is. */
static void fill_named(struct discover_work *w)
{
    struct strbuf all = w->out->missing;
    strbuf_init(&w->out->missing, LINES_BYTES);
    fill_pipeline(w);
    struct strbuf own = w->out->missing;
    w->out->missing = all;
    for (const char *line = own.text; *line != '\0';) {
        size_t n = strcspn(line, "\n");
        strbuf_printf(&w->out->missing, "%s: %.*s\n", w->pc->name, (int)n, line);
        line += n;
        line += *line == '\n';
    }
    strbuf_free(&own);
}

void discover(const struct world *world, size_t index, const struct pipeline *p,
              const struct discover_aws *aws, struct discovery *out)
{
    const struct connector_row **sources = mem_calloc(p->nconnectors + 1, sizeof(*sources));
    struct hints *hints = pipeline_hints(world, index, p, NULL, 0);
    struct discover_work w = {.world = world,
                              .index = index,
                              .given = world->pipelines[index].config,
                              .p = p,
                              .hints = hints,
                              .aws = aws,
                              .out = out,
                              .sources = sources};
    *out = (struct discovery){0};
    strbuf_init(&out->found, LINES_BYTES);
    strbuf_init(&out->missing, LINES_BYTES);
    strbuf_init(&out->env, LINES_BYTES);
    options_defaults(false, &out->config);
    size_t n = discover_databases(p, sources);
    w.several = n > 1;
    out->config.npipelines = n > 0 ? n : 1;
    out->config.pipelines = mem_calloc(out->config.npipelines, sizeof(*out->config.pipelines));
    if (aws != NULL) {
        discover_tell_aws(&w);
        discover_troubles(world, index, aws, &out->missing);
    }
    discover_tell_several(&w);
    for (size_t i = 0; i < out->config.npipelines; i++) {
        w.pc = &out->config.pipelines[i];
        w.source = sources[i];
        if (aws != NULL && w.several)
            fill_named(&w);
        else
            fill_pipeline(&w);
    }
    hints_free(hints);
    free(sources);
}

void discovery_free(struct discovery *out)
{
    for (size_t i = 0; i < out->config.npipelines; i++)
        options_free(true, &out->config.pipelines[i]);
    free(out->config.pipelines);
    options_free(false, &out->config);
    strbuf_free(&out->found);
    strbuf_free(&out->missing);
    strbuf_free(&out->env);
}
