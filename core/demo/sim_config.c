/* sim_config.c: the connectors' own configs, complete as Connect would tell them. */
#include "demo/sim_int.h"

#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct kv *)a)->key, ((const struct kv *)b)->key);
}

/* Of a new key; NULL takes it away. */
void sim_set_config(struct sim *sim, struct kv **config, size_t *n, const char *key,
                    const char *value)
{
    for (size_t i = 0; i < *n; i++) {
        if (strcmp((*config)[i].key, key) != 0)
            continue;
        (*config)[i].value = value;
        if (value == NULL)
            (*config)[i] = (*config)[--*n];
        qsort(*config, *n, sizeof(**config), by_key);
        return;
    }
    if (value == NULL)
        return;
    struct kv *more = arena_array(sim->arena, *n + 1, sizeof(*more));
    for (size_t i = 0; i < *n; i++)
        more[i] = (*config)[i];
    more[(*n)++] = (struct kv){key, value};
    qsort(more, *n, sizeof(*more), by_key);
    *config = more;
}

struct rows {
    struct sim *sim;
    struct kv *items;
    size_t count, cap;
};

static void row(struct rows *r, const char *key, const char *value)
{
    struct kv *kv = arena_push(r->sim->arena, &r->items, &r->count, &r->cap, sizeof(*kv));
    *kv = (struct kv){key, value};
}

static void rows_put(struct rows *r, const struct kv *fixed, size_t n)
{
    for (size_t i = 0; i < n; i++)
        row(r, fixed[i].key, fixed[i].value);
}

static void rows_end(struct rows *r, struct kv **config, size_t *n)
{
    qsort(r->items, r->count, sizeof(*r->items), by_key);
    *config = r->items;
    *n = r->count;
}

static const struct kv source_rows[] = {
    {"connector.class",                           "io.debezium.connector.postgresql.PostgresConnector"        },
    {"tasks.max",                                 "1"                                                         },
    {"plugin.name",                               "pgoutput"                                                  },
    {"database.port",                             "5432"                                                      },
    {"database.user",                             "debezium"                                                  },
    {"database.password",                         "${file:/etc/kafka/secrets/db.properties:database.password}"},
    {"database.sslmode",                          "verify-full"                                               },
    {"publication.autocreate.mode",               "disabled"                                                  },
    {"snapshot.mode",                             "initial"                                                   },
    {"incremental.snapshot.chunk.size",           "5000"                                                      },
    {"signal.data.collection",                    "public.debezium_signal"                                    },
    {"signal.enabled.channels",                   "source"                                                    },
    {"notification.enabled.channels",             "sink"                                                      },
    {"tombstones.on.delete",                      "false"                                                     },
    {"key.converter",                             "org.apache.kafka.connect.json.JsonConverter"               },
    {"key.converter.schemas.enable",              "false"                                                     },
    {"value.converter",                           "org.apache.kafka.connect.json.JsonConverter"               },
    {"value.converter.schemas.enable",            "false"                                                     },
    {"topic.creation.default.partitions",         "3"                                                         },
    {"topic.creation.default.replication.factor", "3"                                                         },
};

void sim_source_config(struct sim *sim, struct sim_source *s)
{
    struct arena *a = sim->arena;
    struct rows r = {.sim = sim};
    const char *tables = "public.debezium_signal,public.heartbeat";
    for (int i = s->ntables - 1; i >= 0; i--) {
        if (i != s->signal && i != s->heartbeat)
            tables = arena_printf(a, "public.%s,%s", s->tables[i].made->name, tables);
    }
    rows_put(&r, source_rows, sizeof(source_rows) / sizeof(source_rows[0]));
    row(&r, "database.hostname", arena_printf(a, "%s-db.internal", sim->made->database));
    row(&r, "database.dbname", sim->made->database);
    row(&r, "topic.prefix", s->prefix);
    row(&r, "slot.name", s->slot_name);
    row(&r, "publication.name", s->made->publication);
    row(&r, "table.include.list", tables);
    row(&r, "notification.sink.topic.name", arena_printf(a, "%s-notifications", s->prefix));
    rows_end(&r, &s->config, &s->nconfig);
    sim_source_beat(sim, s, s->beat_ms);
}

void sim_source_beat(struct sim *sim, struct sim_source *s, int64_t every_ms)
{
    s->beat_ms = every_ms;
    sim_set_config(sim, &s->config, &s->nconfig, "heartbeat.interval.ms",
                   every_ms > 0 ? arena_printf(sim->arena, "%lld", (long long)every_ms) : NULL);
    sim_set_config(sim, &s->config, &s->nconfig, "heartbeat.action.query",
                   every_ms > 0 ? "insert into public.heartbeat values (1, now()) on conflict "
                                  "(id) do update set ts = excluded.ts"
                                : NULL);
}

static const struct kv sink_rows[] = {
    {"connector.class",                     "io.confluent.connect.s3.S3SinkConnector"                      },
    {"key.converter",                       "org.apache.kafka.connect.storage.StringConverter"             },
    {"value.converter",                     "org.apache.kafka.connect.json.JsonConverter"                  },
    {"value.converter.schemas.enable",      "false"                                                        },
    {"storage.class",                       "io.confluent.connect.s3.storage.S3Storage"                    },
    {"format.class",                        "io.confluent.connect.s3.format.json.JsonFormat"               },
    {"partitioner.class",                   "io.confluent.connect.storage.partitioner.TimeBasedPartitioner"},
    {"path.format",                         "'year'=YYYY/'month'=MM/'day'=dd/'hour'=HH"                    },
    {"partition.duration.ms",               "3600000"                                                      },
    {"timestamp.extractor",                 "Record"                                                       },
    {"timezone",                            "UTC"                                                          },
    {"locale",                              "en-US"                                                        },
    {"topics.dir",                          "topics"                                                       },
    {"s3.region",                           "eu-central-1"                                                 },
    {"s3.part.size",                        "5242880"                                                      },
    {"behavior.on.null.values",             "ignore"                                                       },
    {"schema.compatibility",                "NONE"                                                         },
    {"consumer.override.auto.offset.reset", "earliest"                                                     },
};

void sim_sink_config(struct sim *sim, struct sim_sink *s)
{
    struct arena *a = sim->arena;
    struct rows r = {.sim = sim};
    const char *topics = "";
    for (int i = 0; i < s->ntopics; i++)
        topics =
            arena_printf(a, "%s%s%s", topics, i > 0 ? "," : "", sim->topics[s->topics[i]].name);
    rows_put(&r, sink_rows, sizeof(sink_rows) / sizeof(sink_rows[0]));
    row(&r, "topics", topics);
    row(&r, "tasks.max", arena_printf(a, "%d", s->ntasks));
    row(&r, "flush.size", arena_printf(a, "%lld", (long long)s->made->flush_size));
    row(&r, "s3.bucket.name", sim->made->bucket);
    rows_end(&r, &s->config, &s->nconfig);
    sim_sink_rotate(sim, s, s->rotate_ms);
}

void sim_sink_rotate(struct sim *sim, struct sim_sink *s, int64_t every_ms)
{
    s->rotate_ms = every_ms;
    sim_set_config(sim, &s->config, &s->nconfig, "rotate.schedule.interval.ms",
                   every_ms > 0 ? arena_printf(sim->arena, "%lld", (long long)every_ms) : NULL);
}
