#include "report/discover.h"

#include "base/mem.h"
#include "config/conninfo.h"
#include "config/options.h"
#include "config/secretref.h"
#include "model/connector_facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_BYTES = 256 * 1024, TEXT_BYTES = 4096 };

struct work {
    const struct world *world;
    size_t index;
    const struct pipeline_config *given;
    const struct pipeline *p;
    const struct hints *hints;
    struct discovery *out;
    struct pipeline_config *pc; /* the one that is being filled */
    const struct connector_row *source;
    bool several; /* databases: then names and variables need their own */
};

/* ---- values ---------------------------------------------------------------------------------- */

static bool usable(const char *value)
{
    return value != NULL && value[0] != '\0' && strstr(value, "${") == NULL;
}

/* False: nothing was there to set, or it is no value for this option. */
static bool put(struct pipeline_config *pc, enum option_section section, const char *key,
                const char *value)
{
    const char *why;
    return usable(value) && options_set(options_find(section, key), pc, value, &why);
}

/* A reference to a variable; its name gets the database's where there are several. */
static void put_env(const struct work *w, enum option_section section, const char *key,
                    const char *variable)
{
    struct strbuf name;
    const char *why;
    strbuf_init(&name, TEXT_BYTES);
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

/* What was given, where it is a reference to a secret of AWS and so no secret itself; else a
 * variable. What a server wrote is never asked for: it would choose which secret goes where. */
static void put_login(struct work *w, enum option_section section, const char *key,
                      const char *given, const char *variable)
{
    const char *why;
    if (!secretref_whole(given) || !options_set(options_find(section, key), w->pc, given, &why))
        put_env(w, section, key, variable);
}

/* libpq's keyword form. */
static void put_word(struct strbuf *sb, const char *key, const char *value)
{
    if (!usable(value))
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

static enum source_state state_of(const struct work *w, enum source_kind kind)
{
    return world_state(w->world, w->index, kind);
}

/* ---- the servers ----------------------------------------------------------------------------- */

/* The name of an RDS endpoint tells whom to ask there. */
static void fill_rds(struct work *w)
{
    if (put(w->pc, SECTION_RDS, "instance", w->given->rds.instance))
        return;
    char *host = conninfo_get(w->pc->postgres.conninfo, "host");
    if (host != NULL && strstr(host, ".rds.") != NULL && strstr(host, ".amazonaws.com") != NULL &&
        put(w->pc, SECTION_RDS, "instance", "auto"))
        strbuf_puts(&w->out->found, "RDS: the instance behind that host, by its name\n");
    free(host);
}

static void fill_postgres(struct work *w)
{
    const struct postgres_config *given = &w->given->postgres;
    const struct connector_facts *f = w->source != NULL ? w->source->facts : NULL;
    bool wants_password = true;
    if (config_has_postgres(w->given) && conninfo_has_secret(given->conninfo)) {
        strbuf_puts(&w->out->missing, "postgres.conninfo: what was given has a secret in it\n");
        return;
    }
    if (config_has_postgres(w->given)) {
        (void)put(w->pc, SECTION_POSTGRES, "conninfo", given->conninfo);
        strbuf_printf(&w->out->found, "PostgreSQL: %s (given)\n", given->conninfo);
        wants_password = given->password[0] != '\0';
    } else if (f != NULL && f->role == CONNECTOR_SOURCE_POSTGRES && usable(f->db_host)) {
        struct strbuf sb;
        char port[20] = "";
        strbuf_init(&sb, TEXT_BYTES);
        put_word(&sb, "host", f->db_host);
        if (f->db_port > 0)
            (void)snprintf(port, sizeof(port), "%d", f->db_port);
        put_word(&sb, "port", port);
        put_word(&sb, "dbname", f->db_name);
        put_word(&sb, "user", f->db_user);
        (void)put(w->pc, SECTION_POSTGRES, "conninfo", sb.text);
        strbuf_printf(&w->out->found,
                      "PostgreSQL: %s (from connector %s, its role too: one of "
                      "your own with pg_monitor is better)\n",
                      sb.text, w->source->base.name);
        strbuf_free(&sb);
        /* An open server needs none; one that PGPASSWORD opened does. */
        const char *env = getenv("PGPASSWORD");
        wants_password = state_of(w, SOURCE_POSTGRES) != STATE_FRESH || usable(env);
    } else {
        strbuf_puts(&w->out->missing, "postgres.conninfo: no connector tells where the database "
                                      "is\n");
        return;
    }
    if (wants_password)
        put_login(w, SECTION_POSTGRES, "password", given->password, "CDCTOP_PG_PASSWORD");
    fill_rds(w);
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
            if (usable(value))
                return value;
        }
    }
    return NULL;
}

static void put_list(struct work *w, enum option_section section, const char *key,
                     const struct strlist *list)
{
    const char *why;
    for (size_t i = 0; i < list->count; i++)
        (void)options_append(options_find(section, key), w->pc, list->items[i], &why);
}

static void fill_kafka(struct work *w)
{
    const struct kafka_config *given = &w->given->kafka;
    const char *found = w->hints->bootstrap_servers;
    if (config_has_kafka(w->given)) {
        put_list(w, SECTION_KAFKA, "bootstrap_servers", &given->bootstrap_servers);
        (void)put(w->pc, SECTION_KAFKA, "security_protocol", given->security_protocol);
        strbuf_printf(&w->out->found, "Kafka: %s (given)\n", given->bootstrap_servers.items[0]);
    } else if (put(w->pc, SECTION_KAFKA, "bootstrap_servers", found)) {
        const char *protocol = client_setting(w->p, "security.protocol");
        (void)put(w->pc, SECTION_KAFKA, "security_protocol", protocol);
        (void)put(w->pc, SECTION_KAFKA, "sasl_mechanism", client_setting(w->p, "sasl.mechanism"));
        strbuf_printf(&w->out->found, "Kafka: %s (from a connector's settings)\n", found);
    } else {
        strbuf_puts(&w->out->missing, "kafka.bootstrap_servers: no connector names the brokers\n");
        return;
    }
    if (strncmp(w->pc->kafka.security_protocol, "SASL", 4) == 0) {
        put_login(w, SECTION_KAFKA, "sasl_username", given->sasl_username, "CDCTOP_KAFKA_USERNAME");
        put_login(w, SECTION_KAFKA, "sasl_password", given->sasl_password, "CDCTOP_KAFKA_PASSWORD");
    }
}

static void fill_connect(struct work *w)
{
    const struct connect_config *given = &w->given->connect;
    put_list(w, SECTION_CONNECT, "urls", &given->urls);
    (void)put(w->pc, SECTION_CONNECT, "ssl_ca", given->ssl_ca);
    (void)put(w->pc, SECTION_CONNECT, "ssl_certificate", given->ssl_certificate);
    (void)put(w->pc, SECTION_CONNECT, "ssl_key", given->ssl_key);
    if (put(w->pc, SECTION_CONNECT, "username", given->username) && given->password[0] != '\0')
        put_login(w, SECTION_CONNECT, "password", given->password, "CDCTOP_CONNECT_PASSWORD");
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_database(const struct connector_row *a, const struct connector_row *b)
{
    return same_text(a->facts->db_host, b->facts->db_host) &&
           a->facts->db_port == b->facts->db_port &&
           same_text(a->facts->db_name, b->facts->db_name);
}

/* Does the connector belong to the pipeline that is being filled? A sink does to those of its
 * sources. */
static bool belongs(const struct work *w, const struct connector_row *c)
{
    if (!w->several)
        return true;
    if (c->facts->source)
        return same_database(w->source, c);
    for (size_t i = 0; i < w->p->nconnectors; i++) {
        const struct connector_row *s = &w->p->connectors[i];
        if (s->facts->source && same_database(w->source, s) && pipeline_feeds(w->p, s, c))
            return true;
    }
    return false;
}

static void fill_s3(const struct work *w)
{
    const struct s3_config *given = &w->given->s3;
    const struct connector_facts *f = NULL;
    for (size_t i = 0; i < w->p->nconnectors && f == NULL; i++) {
        const struct connector_row *c = &w->p->connectors[i];
        if (connector_role_is_s3(c->facts->role) && belongs(w, c) && usable(c->facts->bucket))
            f = c->facts;
    }
    if (!put(w->pc, SECTION_S3, "url", given->url) && f != NULL) {
        char *url = mem_printf("s3://%s", f->bucket);
        (void)put(w->pc, SECTION_S3, "url", url);
        free(url);
    }
    if (!put(w->pc, SECTION_S3, "region", given->region) && f != NULL)
        (void)put(w->pc, SECTION_S3, "region", f->region);
    /* One with a login in it is none for us: we have keys of our own. */
    if (!put(w->pc, SECTION_S3, "endpoint", given->endpoint) && f != NULL && f->endpoint != NULL &&
        strchr(f->endpoint, '@') == NULL)
        (void)put(w->pc, SECTION_S3, "endpoint", f->endpoint);
    if (w->pc->s3.url[0] == '\0') {
        strbuf_puts(&w->out->missing, "s3.url: no sink names a bucket\n");
        return;
    }
    strbuf_printf(&w->out->found, "S3: %s%s%s%s%s\n", w->pc->s3.url,
                  w->pc->s3.region[0] != '\0' ? ", region " : "", w->pc->s3.region,
                  w->pc->s3.endpoint[0] != '\0' ? ", endpoint " : "", w->pc->s3.endpoint);
    if (!usable(getenv("AWS_ACCESS_KEY_ID")) && !usable(getenv("AWS_PROFILE")))
        strbuf_puts(&w->out->missing,
                    "S3 keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, in the "
                    "environment, or keys in [pipeline.s3]; without these the default profile and "
                    "the role of container or instance are tried\n");
}

/* ---- pipelines ------------------------------------------------------------------------------- */

static void tell_connectors(struct work *w)
{
    for (size_t i = 0; i < w->p->nconnectors; i++) {
        const struct connector_row *c = &w->p->connectors[i];
        const char *why;
        if (!belongs(w, c))
            continue;
        if (w->several)
            (void)options_append(options_find(SECTION_CONNECT, "connectors"), w->pc, c->base.name,
                                 &why);
        const struct connector_facts *f = c->facts;
        strbuf_printf(&w->out->found, "connector %s: %s", c->base.name,
                      connector_role_name(f->role));
        if (f->slot_name != NULL)
            strbuf_printf(&w->out->found, ", slot %s, publication %s", f->slot_name,
                          f->publication_name);
        if (f->bucket != NULL)
            strbuf_printf(&w->out->found, ", bucket %s", f->bucket);
        strbuf_putc(&w->out->found, '\n');
    }
}

static void fill_pipeline(struct work *w)
{
    options_defaults(true, w->pc);
    const struct connector_facts *f = w->source != NULL ? w->source->facts : NULL;
    if (!put(w->pc, SECTION_PIPELINE, "name", f != NULL ? f->db_name : NULL))
        (void)put(w->pc, SECTION_PIPELINE, "name", f != NULL ? f->topic_prefix : w->given->name);
    for (const struct pipeline_config *other = w->out->config.pipelines; other < w->pc; other++) {
        if (w->source != NULL && strcmp(other->name, w->pc->name) == 0)
            (void)put(w->pc, SECTION_PIPELINE, "name", w->source->base.name);
    }
    (void)put(w->pc, SECTION_PIPELINE, "environment", w->given->environment);
    fill_connect(w);
    tell_connectors(w);
    fill_postgres(w);
    fill_kafka(w);
    fill_s3(w);
}

/* The first source of each database. */
static size_t find_databases(const struct pipeline *p, const struct connector_row **first)
{
    size_t n = 0;
    for (size_t i = 0; i < p->nconnectors; i++) {
        const struct connector_row *c = &p->connectors[i];
        bool known = !c->facts->source;
        for (size_t k = 0; k < n && !known; k++)
            known = same_database(first[k], c);
        if (!known)
            first[n++] = c;
    }
    return n;
}

void discover(const struct world *world, size_t index, const struct pipeline *p,
              struct discovery *out)
{
    const struct connector_row **first = mem_calloc(p->nconnectors + 1, sizeof(*first));
    struct hints *hints = pipeline_hints(world, index, p, NULL, 0);
    struct work w = {.world = world,
                     .index = index,
                     .given = world->pipelines[index].config,
                     .p = p,
                     .hints = hints,
                     .out = out};
    *out = (struct discovery){0};
    strbuf_init(&out->found, LINES_BYTES);
    strbuf_init(&out->missing, LINES_BYTES);
    strbuf_init(&out->env, LINES_BYTES);
    options_defaults(false, &out->config);
    size_t n = find_databases(p, first);
    w.several = n > 1;
    out->config.npipelines = n > 0 ? n : 1;
    out->config.pipelines = mem_calloc(out->config.npipelines, sizeof(*out->config.pipelines));
    for (size_t i = 0; i < out->config.npipelines; i++) {
        w.pc = &out->config.pipelines[i];
        w.source = first[i];
        fill_pipeline(&w);
    }
    hints_free(hints);
    free(first);
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
