/* Facts of every connector and of Debezium's sources; those of sinks: connector_facts_sink.c. */
#include "model/connector_facts.h"

#include "base/mem.h"
#include "model/connector_config.h"
#include "model/heartbeat_table.h"
#include "model/javaregex.h"

#include <assert.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const role_names[] = {
    [CONNECTOR_OTHER] = "connector",
    [CONNECTOR_SOURCE_POSTGRES] = "PostgreSQL source",
    [CONNECTOR_SOURCE_MYSQL] = "MySQL source",
    [CONNECTOR_SOURCE_MARIADB] = "MariaDB source",
    [CONNECTOR_SOURCE_DMS] = "DMS task",
    [CONNECTOR_SOURCE_OTHER] = "source",
    [CONNECTOR_SINK_S3_CONFLUENT] = "S3 sink (Confluent)",
    [CONNECTOR_SINK_S3_AIVEN] = "S3 sink (Aiven)",
    [CONNECTOR_SINK_S3_OTHER] = "S3 sink",
    [CONNECTOR_SINK_JDBC] = "JDBC sink",
    [CONNECTOR_SINK_OTHER] = "sink",
};
static_assert(ARRAY_LEN(role_names) == CONNECTOR_ROLE_COUNT, "a name per role");

const char *connector_role_name(enum connector_role role)
{
    return (unsigned)role < CONNECTOR_ROLE_COUNT ? role_names[role] : role_names[CONNECTOR_OTHER];
}

bool connector_role_is_s3(enum connector_role role)
{
    return role == CONNECTOR_SINK_S3_CONFLUENT || role == CONNECTOR_SINK_S3_AIVEN ||
           role == CONNECTOR_SINK_S3_OTHER;
}

/* ---- reading the config ---- */

const char *connector_config_str(const struct connect_connector *c, const char *key,
                                 const char *fallback)
{
    const char *value = kv_find(c->config, c->nconfig, key);
    return value != NULL && value[0] != '\0' ? value : fallback;
}

int64_t connector_config_int(const struct connect_connector *c, const char *key, int64_t fallback)
{
    const char *value = connector_config_str(c, key, NULL);
    if (value == NULL)
        return fallback;
    char *end;
    long long n = strtoll(value, &end, 10);
    return end != value && end[strspn(end, " ")] == '\0' ? n : UNKNOWN;
}

bool connector_config_bool(const struct connect_connector *c, const char *key, bool fallback)
{
    const char *value = connector_config_str(c, key, NULL);
    if (value == NULL)
        return fallback;
    return strcasecmp(value, "true") == 0;
}

struct fact_list connector_config_list(const struct connect_connector *c, struct arena *arena,
                                       const char *key, const char *fallback)
{
    const char *value = connector_config_str(c, key, fallback);
    struct fact_list list = {0};
    size_t cap = 0;
    while (value != NULL && *value != '\0') {
        size_t n = 0;
        while (value[n] != '\0' && value[n] != ',')
            n += value[n] == '\\' && value[n + 1] != '\0' ? 2 : 1; /* "\\," is no separator */
        const char *from = value;
        size_t len = n;
        while (len > 0 && (*from == ' ' || *from == '\t' || *from == '\n' || *from == '\r'))
            from++, len--;
        while (len > 0 && strchr(" \t\r\n", from[len - 1]) != NULL)
            len--;
        if (len > 0) {
            const char **item =
                arena_push(arena, &list.items, &list.count, &cap, sizeof(*list.items));
            *item = arena_strndup(arena, from, len);
        }
        value += n;
        value += *value == ',';
    }
    return list;
}

bool fact_list_has(const struct fact_list *list, const char *item)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], item) == 0)
            return true;
    }
    return false;
}

/* ---- role ---- */

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s);
    size_t m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}

/* The class may be written in full, or by its simple name, which Connect accepts too. */
static enum connector_role role_of(const struct connect_connector *c)
{
    static const struct {
        const char *end;
        enum connector_role role;
    } sources[] = {
        {"PostgresConnector", CONNECTOR_SOURCE_POSTGRES},
        {"MySqlConnector",    CONNECTOR_SOURCE_MYSQL   },
        {"MariaDbConnector",  CONNECTOR_SOURCE_MARIADB },
    };
    const char *class_name = c->class_name != NULL ? c->class_name : "";
    const char *type = c->type != NULL ? c->type : "";
    if (c->service == SERVICE_DMS)
        return CONNECTOR_SOURCE_DMS;
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        if (ends_with(class_name, sources[i].end))
            return sources[i].role;
    }
    if (strncmp(class_name, "io.aiven.", 9) == 0 && ends_with(class_name, "S3SinkConnector"))
        return CONNECTOR_SINK_S3_AIVEN;
    if (strcmp(class_name, "AivenKafkaConnectS3SinkConnector") == 0)
        return CONNECTOR_SINK_S3_AIVEN;
    if (strcmp(class_name, "io.confluent.connect.s3.S3SinkConnector") == 0)
        return CONNECTOR_SINK_S3_CONFLUENT;
    if (strcmp(class_name, "S3SinkConnector") == 0 || strcmp(class_name, "S3Sink") == 0)
        return CONNECTOR_SINK_S3_CONFLUENT;
    if (ends_with(class_name, "S3SinkConnector"))
        return CONNECTOR_SINK_S3_OTHER;
    if (ends_with(class_name, "JdbcSinkConnector"))
        return CONNECTOR_SINK_JDBC;
    if (strcmp(type, "sink") == 0)
        return CONNECTOR_SINK_OTHER;
    return strcmp(type, "source") == 0 ? CONNECTOR_SOURCE_OTHER : CONNECTOR_OTHER;
}

/* ---- sources ---- */

static struct javaregex **compile(struct arena *arena, const struct fact_list *patterns)
{
    struct javaregex **list = arena_array(arena, patterns->count, sizeof(struct javaregex *));
    for (size_t i = 0; i < patterns->count; i++)
        list[i] = javaregex_new(arena, patterns->items[i], true);
    return list;
}

/* Debezium 2.0 dropped the old names; both are read. */
static struct fact_list either_list(const struct connect_connector *c, struct arena *arena,
                                    const char *key, const char *old_key)
{
    struct fact_list list = connector_config_list(c, arena, key, NULL);
    return list.count > 0 ? list : connector_config_list(c, arena, old_key, NULL);
}

static void fill_captured(struct connector_facts *f, struct arena *arena)
{
    const struct connect_connector *c = f->connector;
    bool mysql = f->role == CONNECTOR_SOURCE_MYSQL || f->role == CONNECTOR_SOURCE_MARIADB;
    f->tables_include = either_list(c, arena, "table.include.list", "table.whitelist");
    f->tables_exclude = either_list(c, arena, "table.exclude.list", "table.blacklist");
    f->schemas_include = mysql
                             ? either_list(c, arena, "database.include.list", "database.whitelist")
                             : either_list(c, arena, "schema.include.list", "schema.whitelist");
    f->schemas_exclude = mysql
                             ? either_list(c, arena, "database.exclude.list", "database.blacklist")
                             : either_list(c, arena, "schema.exclude.list", "schema.blacklist");
    f->include_match = compile(arena, &f->tables_include);
    f->exclude_match = compile(arena, &f->tables_exclude);
    f->schema_in_match = compile(arena, &f->schemas_include);
    f->schema_ex_match = compile(arena, &f->schemas_exclude);
}

static void fill_signals(struct connector_facts *f, struct arena *arena)
{
    const struct connect_connector *c = f->connector;
    f->signal_table = connector_config_str(c, "signal.data.collection", NULL);
    f->signal_channels = connector_config_list(c, arena, "signal.enabled.channels", "source");
    if (fact_list_has(&f->signal_channels, "kafka")) {
        const char *fallback =
            f->topic_prefix != NULL ? arena_printf(arena, "%s-signal", f->topic_prefix) : NULL;
        f->signal_topic = connector_config_str(c, "signal.kafka.topic", fallback);
        f->signal_bootstrap = connector_config_str(c, "signal.kafka.bootstrap.servers", NULL);
    }
    f->notification_channels =
        connector_config_list(c, arena, "notification.enabled.channels", NULL);
    if (fact_list_has(&f->notification_channels, "sink"))
        f->notification_topic = connector_config_str(c, "notification.sink.topic.name", NULL);
    f->read_only = connector_config_bool(c, "read.only", false);
}

static void fill_heartbeat(struct connector_facts *f, struct arena *arena)
{
    const struct connect_connector *c = f->connector;
    f->heartbeat_ms = connector_config_int(c, "heartbeat.interval.ms", 0);
    const char *query = connector_config_str(c, "heartbeat.action.query", NULL);
    f->heartbeat_query = query != NULL;
    f->heartbeat_table = query != NULL ? heartbeat_table(query, arena) : NULL;
    if (f->heartbeat_ms <= 0 || f->topic_prefix == NULL)
        return;
    const char *before = connector_config_str(
        c, "topic.heartbeat.prefix",
        connector_config_str(c, "heartbeat.topics.prefix", "__debezium-heartbeat"));
    f->heartbeat_topic = arena_printf(arena, "%s%s%s", before, f->topic_delimiter, f->topic_prefix);
}

static void fill_source(struct connector_facts *f, struct arena *arena)
{
    const struct connect_connector *c = f->connector;
    bool postgres = f->role == CONNECTOR_SOURCE_POSTGRES;
    f->topic_prefix = connector_config_str(c, "topic.prefix",
                                           connector_config_str(c, "database.server.name", NULL));
    f->topic_delimiter = connector_config_str(c, "topic.delimiter", ".");
    f->db_host = connector_config_str(c, "database.hostname", NULL);
    f->db_name = connector_config_str(c, "database.dbname", NULL);
    f->db_user = connector_config_str(c, "database.user", NULL);
    int64_t port = connector_config_int(c, "database.port", postgres ? 5432 : 3306);
    f->db_port = port > 0 && port <= 65535 ? (int)port : 0;
    f->snapshot_mode = connector_config_str(c, "snapshot.mode", "initial");
    f->incremental_chunk = connector_config_int(c, "incremental.snapshot.chunk.size", 1024);
    f->tombstones = connector_config_bool(c, "tombstones.on.delete", true);
    if (postgres) {
        f->slot_name = connector_config_str(c, "slot.name", "debezium");
        f->publication_name = connector_config_str(c, "publication.name", "dbz_publication");
        f->plugin = connector_config_str(c, "plugin.name", "decoderbufs");
    }
    fill_captured(f, arena);
    fill_signals(f, arena);
    fill_heartbeat(f, arena);
}

/* ---- transforms ---- */

static void fill_renames(struct connector_facts *f, struct arena *arena)
{
    static const struct {
        const char *end, *pattern, *replacement;
    } known[] = {
        {"RegexRouter",          "regex",       "replacement"            },
        {"ByLogicalTableRouter", "topic.regex", "topic.replacement"      },
        {"EventRouter",          NULL,          "route.topic.replacement"},
        {"TimestampRouter",      NULL,          "topic.format"           },
        {"ExtractTopic$Value",   NULL,          NULL                     },
        {"ExtractTopic$Key",     NULL,          NULL                     },
    };
    const struct connect_connector *c = f->connector;
    struct fact_list names = connector_config_list(c, arena, "transforms", NULL);
    size_t cap = 0;
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.items[i];
        const char *type =
            connector_config_str(c, arena_printf(arena, "transforms.%s.type", name), "");
        for (size_t k = 0; k < ARRAY_LEN(known); k++) {
            if (!ends_with(type, known[k].end))
                continue;
            struct connector_rename *r =
                arena_push(arena, &f->renames, &f->nrenames, &cap, sizeof(*r));
            *r = (struct connector_rename){.name = name, .type = type};
            if (known[k].pattern != NULL)
                r->pattern = connector_config_str(
                    c, arena_printf(arena, "transforms.%s.%s", name, known[k].pattern), NULL);
            if (known[k].replacement != NULL)
                r->replacement = connector_config_str(
                    c, arena_printf(arena, "transforms.%s.%s", name, known[k].replacement), NULL);
            break;
        }
    }
}

/* ---- what the join asks ---- */

struct connector_facts *connector_facts_of(const struct connect_connector *c, struct arena *arena)
{
    struct connector_facts *f = arena_alloc(arena, sizeof(*f));
    f->connector = c;
    f->role = role_of(c);
    f->source = f->role >= CONNECTOR_SOURCE_POSTGRES && f->role <= CONNECTOR_SOURCE_OTHER;
    f->sink = f->role >= CONNECTOR_SINK_S3_CONFLUENT && f->role <= CONNECTOR_SINK_OTHER;
    f->flush_size = f->rotate_interval_ms = f->rotate_schedule_ms = UNKNOWN;
    f->partition_duration_ms = f->file_max_records = UNKNOWN;
    if (f->role == CONNECTOR_SOURCE_DMS)
        connector_facts_fill_dms(f);
    else if (f->source)
        fill_source(f, arena);
    if (f->sink)
        connector_facts_fill_sink(f, arena);
    fill_renames(f, arena);
    return f;
}

bool connector_facts_tracked(const struct connector_facts *facts, const char *topic)
{
    const struct connect_connector *c = facts->connector;
    for (size_t i = 0; i < c->ntopics; i++) {
        if (strcmp(c->topics[i], topic) == 0)
            return true;
    }
    return false;
}

bool connector_facts_given(const struct connector_facts *facts, const char *topic)
{
    for (size_t i = 0; i < facts->topic_globs.count; i++) {
        if (fnmatch(facts->topic_globs.items[i], topic, 0) == 0)
            return true;
    }
    return false;
}

bool connector_facts_produces(const struct connector_facts *facts, const char *topic)
{
    if (!facts->source)
        return false;
    if (facts->topic_globs.count == 0 && connector_facts_tracked(facts, topic))
        return true;
    if (facts->heartbeat_topic != NULL && strcmp(topic, facts->heartbeat_topic) == 0)
        return true;
    if (facts->notification_topic != NULL && strcmp(topic, facts->notification_topic) == 0)
        return true;
    if (facts->topic_globs.count > 0)
        return connector_facts_given(facts, topic);
    if (facts->default_topic != NULL)
        return strcmp(topic, facts->default_topic) == 0;
    if (facts->topic_prefix == NULL || facts->nrenames > 0)
        return false;
    size_t n = strlen(facts->topic_prefix);
    return strncmp(topic, facts->topic_prefix, n) == 0 &&
           strncmp(topic + n, facts->topic_delimiter, strlen(facts->topic_delimiter)) == 0;
}

/* Any pattern matches: yes. None, but one is not understood: unknown. */
static enum tri any(struct javaregex **patterns, size_t n, const char *text)
{
    enum tri result = TRI_NO;
    for (size_t i = 0; i < n; i++) {
        if (patterns[i] == NULL)
            result = TRI_UNKNOWN;
        else if (javaregex_matches(patterns[i], text))
            return TRI_YES;
    }
    return result;
}

/* Chosen by an include list, or where there is none, by not being in the exclude list. */
static enum tri chosen(struct javaregex **include, size_t ninclude, struct javaregex **exclude,
                       size_t nexclude, const char *text)
{
    if (ninclude > 0)
        return any(include, ninclude, text);
    enum tri excluded = any(exclude, nexclude, text);
    return excluded == TRI_UNKNOWN ? TRI_UNKNOWN : excluded == TRI_YES ? TRI_NO : TRI_YES;
}

enum tri connector_facts_captures(const struct connector_facts *facts, const char *schema,
                                  const char *table)
{
    if (!facts->source || facts->role == CONNECTOR_SOURCE_OTHER ||
        facts->role == CONNECTOR_SOURCE_DMS)
        return TRI_UNKNOWN;
    char *full = mem_printf("%s.%s", schema, table);
    enum tri by_table = facts->signal_table != NULL && strcmp(full, facts->signal_table) == 0
                            ? TRI_YES
                            : chosen(facts->include_match, facts->tables_include.count,
                                     facts->exclude_match, facts->tables_exclude.count, full);
    free(full);
    enum tri by_schema = chosen(facts->schema_in_match, facts->schemas_include.count,
                                facts->schema_ex_match, facts->schemas_exclude.count, schema);
    if (by_table == TRI_NO || by_schema == TRI_NO)
        return TRI_NO;
    return by_table == TRI_YES && by_schema == TRI_YES ? TRI_YES : TRI_UNKNOWN;
}

const char *connector_facts_table_topic(const struct connector_facts *facts, struct arena *arena,
                                        const char *schema, const char *table)
{
    if (facts->topic_prefix == NULL)
        return NULL;
    return arena_printf(arena, "%s%s%s%s%s", facts->topic_prefix, facts->topic_delimiter, schema,
                        facts->topic_delimiter, table);
}
