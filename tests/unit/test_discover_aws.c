/* init at AWS: which cluster, which brokers, which login follow from what the services told; and
 * what does not follow is said. */
#include "base/mem.h"
#include "config/load.h"
#include "config/print.h"
#include "report/discover.h"
#include "tests/check.h"
#include "tests/unit/dms_world.h"
#include "tests/unit/msk_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN ".events.a1b2c3.c2.kafka.eu-west-3.amazonaws.com"
#define RDS    "shop.abc.eu-west-3.rds.amazonaws.com"

/* What the connectors' services say, and AWS's own lists. */
struct told {
    const char *brokers;        /* of both connectors */
    const char *others;         /* of the sink, if they differ */
    const char *authentication; /* NULL: "IAM" */
    const char *encryption;
    const char *host, *user, *password; /* of the source */
    const char *name;                   /* of the source; NULL: "src" */
    const struct kv *listeners;         /* of cluster "events"; NULL: there is none */
    size_t nlisteners;
    const char *clusters_error;
    bool at_rds;    /* RDS knows the host */
    bool elsewhere; /* … of that name, at another host */
    enum err_kind rds_error;
};
static const struct told *told;

static void connectors(struct fixture *f, struct snapshot *snap)
{
    msk_connectors(f, snap);
    for (size_t i = 0; i < snap->connect.nconnectors; i++) {
        struct connect_connector *c = &snap->connect.connectors[i];
        struct msk_connector *m = arena_alloc(snap->arena, sizeof(*m));
        *m = *c->msk;
        m->bootstrap_servers =
            told->others != NULL && strcmp(c->name, "sink") == 0 ? told->others : told->brokers;
        m->authentication = told->authentication != NULL ? told->authentication : "IAM";
        m->encryption = told->encryption;
        c->msk = m;
    }
    fixture_config(snap, "src", "database.hostname", told->host);
    fixture_config(snap, "src", "database.user", told->user);
    fixture_config(snap, "src", "database.password", told->password);
    if (told->name != NULL)
        snap->connect.connectors[1].name = told->name;
}

static void who(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    snap->aws.arn = "arn:aws:sts::123456789012:assumed-role/bastion/i-1";
    snap->aws.region = "eu-west-3";
    snap->aws.credentials = "the instance's role bastion";
    snap->aws.expires_ms = snap->aws.skew_ms = UNKNOWN;
}

static const struct kv iam[] = {
    {"iam", "b-1" DOMAIN ":9098,b-3" DOMAIN ":9098"},
    {"tls", "b-1" DOMAIN ":9094,b-3" DOMAIN ":9094"},
};
static const struct kv scram[] = {
    {"scram", "b-1" DOMAIN ":9096"}
};
static const struct kv serverless[] = {
    {"iam", "boot-x1.c1.kafka-serverless.eu-west-3.amazonaws.com:9098"}
};

struct drafted {
    struct fixture f;
    struct discover_aws aws;
    struct discovery d;
    char *text;
    struct config *config;
};

/* "second" has brokers of its own. */
static void lists(struct discover_aws *aws)
{
    static struct kv second[] = {
        {"iam", "b-1.second.d4e5f6.c2.kafka.eu-west-3.amazonaws.com:9098"}
    };
    *aws = (struct discover_aws){.arena = arena_new(), .clusters_err = ERR_INIT};
    aws->clusters = arena_array(aws->arena, 2, sizeof(*aws->clusters));
    aws->clusters[aws->nclusters++] = (struct msk_snap){
        .name = "second", .bootstraps = second, .nbootstraps = 1, .bootstraps_read = true};
    if (told->listeners != NULL)
        aws->clusters[aws->nclusters++] =
            (struct msk_snap){.name = "events",
                              .bootstraps = (struct kv *)(uintptr_t)told->listeners,
                              .nbootstraps = told->nlisteners,
                              .bootstraps_read = true};
    if (told->clusters_error != NULL)
        err_set(&aws->clusters_err, ERR_DENIED, 403, "%s", told->clusters_error);
    aws->databases = arena_array(aws->arena, 1, sizeof(*aws->databases));
    aws->databases[aws->ndatabases++] =
        (struct discover_database){.host = RDS, .snap = NULL, .err = ERR_INIT};
    if (!told->at_rds) {
        err_set(&aws->databases[0].err,
                told->rds_error != ERR_NONE ? told->rds_error : ERR_NOTFOUND, 0,
                "RDS has no instance shop in eu-west-3");
        return;
    }
    struct snapshot *snap = snapshot_new(SOURCE_RDS);
    snap->rds = (struct rds_snap){.host = RDS, .engine = "postgres", .version = "16.4"};
    snap->rds.instances = arena_alloc(snap->arena, sizeof(*snap->rds.instances));
    snap->rds.instances[0] = (struct rds_instance){.id = "shop", .host = RDS};
    snap->rds.role = told->elsewhere ? NULL : "instance";
    snap->rds.ninstances = 1;
    aws->databases[0].snap = snap;
}

static void open_world(struct drafted *it, const struct told *what)
{
    const char *why;
    told = what;
    fixture_open(&it->f);
    struct pipeline_config *pc = &it->f.config->pipelines[0];
    options_clear(options_find(SECTION_KAFKA, "bootstrap_servers"), pc);
    options_clear(options_find(SECTION_CONNECT, "urls"), pc);
    assert_true(options_set(options_find(SECTION_POSTGRES, "conninfo"), pc, "", &why));
    assert_true(options_set(options_find(SECTION_S3, "url"), pc, "", &why));
    assert_true(options_set(options_find(SECTION_MSKCONNECT, "connectors"), pc, "*", &why));
    assert_true(options_set(options_find(SECTION_DMS, "tasks"), pc, "*", &why));
    for (int k = 0; k < SOURCE_OWN_COUNT; k++)
        it->f.silent[k] = true;
    it->f.edit[SOURCE_MSK_CONNECT] = connectors;
    it->f.edit[SOURCE_AWS] = who;
}

/* The draft, and what cdctop reads in it. */
static void make_draft(struct drafted *it)
{
    static const char *const names[] = {"CDCTOP_PG_PASSWORD", "CDCTOP_KAFKA_USERNAME",
                                        "CDCTOP_KAFKA_PASSWORD", "CDCTOP_AWS_KEY_ID",
                                        "CDCTOP_AWS_KEY"};
    struct config_problems problems;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        (void)setenv(names[i], names[i], 1);
    fixture_tick(&it->f, 2000);
    lists(&it->aws);
    discover(it->f.world, 0, fixture_pipeline(&it->f), &it->aws, &it->d);
    it->text = config_draft(&it->d.config, it->d.missing.text);
    it->config = config_load_text(it->text, strlen(it->text), true, &problems);
    if (it->config == NULL)
        fail_msg("%s\n%s", problems.count > 0 ? problems.items[0].text : "?", it->text);
    config_problems_free(&problems);
}

static const struct pipeline_config *of(struct drafted *it, const struct told *what)
{
    open_world(it, what);
    make_draft(it);
    assert_int_equal(it->config->npipelines, 1);
    return &it->config->pipelines[0];
}

static void done(struct drafted *it)
{
    config_free(it->config);
    free(it->text);
    discovery_free(&it->d);
    for (size_t i = 0; i < it->aws.ndatabases; i++)
        snapshot_free(it->aws.databases[i].snap);
    arena_free(it->aws.arena);
    fixture_close(&it->f);
}

static void says(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("not said: %s\n%s", words, text);
}

static void test_a_managed_pipeline(void **state)
{
    (void)state;
    struct drafted it;
    const struct told what = {.brokers = "b-1" DOMAIN ":9098",
                              .host = RDS,
                              .user = "dbz",
                              .password = "********",
                              .listeners = iam,
                              .nlisteners = 2,
                              .at_rds = true};
    const struct pipeline_config *pc = of(&it, &what);
    assert_string_equal(pc->name, "shop");
    assert_string_equal(pc->aws.region, "eu-west-3");
    assert_string_equal(pc->aws.profile, "");
    assert_string_equal(pc->msk.cluster, "events");
    assert_int_equal(pc->kafka.bootstrap_servers.count, 0);
    assert_string_equal(pc->rds.instance, "auto");
    assert_string_equal(pc->postgres.conninfo,
                        "host=" RDS " port=5432 dbname=shop user=dbz sslmode=require");
    assert_string_equal(pc->postgres.password, "CDCTOP_PG_PASSWORD");
    assert_string_equal(pc->s3.url, "s3://lake");
    assert_int_equal(pc->mskconnect.connectors.count, 2);
    assert_int_equal(pc->dms.tasks.count, 0);
    assert_int_equal(pc->connect.urls.count, 0);
    assert_string_equal(it.d.missing.text, "");
    says(it.d.found.text, "keys of the instance's role bastion");
    done(&it);
}

/* Brokers are the same cluster's by host or by its domain; those of serverless clusters share one.
 */
static void test_whose_brokers_they_are(void **state)
{
    (void)state;
    static const struct {
        const char *brokers;
        const struct kv *listeners;
        const char *cluster;
    } cases[] = {
        {"B-1" DOMAIN ":9094",                                       iam,        "events"},
        {"b-2" DOMAIN ":9098",                                       iam,        "events"},
        {" b-7" DOMAIN ",x:9",                                       iam,        "events"},
        {"boot-x1.c1.kafka-serverless.eu-west-3.amazonaws.com:9098", serverless, "events"},
        {"boot-y2.c1.kafka-serverless.eu-west-3.amazonaws.com:9098", serverless, ""      },
        {"b-1.event.a1b2c3.c2.kafka.eu-west-3.amazonaws.com:9098",   iam,        ""      },
        {"kafka.internal:9092",                                      iam,        ""      },
        {".kafka.:9092",                                             iam,        ""      },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drafted it;
        const struct told what = {.brokers = cases[i].brokers,
                                  .host = RDS,
                                  .listeners = cases[i].listeners,
                                  .nlisteners = 1,
                                  .at_rds = true};
        const struct pipeline_config *pc = of(&it, &what);
        if (strcmp(pc->msk.cluster, cases[i].cluster) != 0)
            fail_msg("%s: %s", cases[i].brokers, pc->msk.cluster);
        assert_int_equal(pc->kafka.bootstrap_servers.count > 0, cases[i].cluster[0] == '\0');
        done(&it);
    }
}

static void test_several_clusters(void **state)
{
    (void)state;
    struct drafted it;
    const struct told what = {.brokers = "b-1" DOMAIN ":9098",
                              .others = "b-9.second.d4e5f6.c2.kafka.eu-west-3.amazonaws.com:9098",
                              .host = RDS,
                              .listeners = iam,
                              .nlisteners = 2,
                              .at_rds = true};
    const struct pipeline_config *pc = of(&it, &what);
    assert_string_equal(pc->msk.cluster, "");
    assert_int_equal(pc->kafka.bootstrap_servers.count, 0);
    says(it.d.missing.text, "brokers of several (--connectors");
    says(it.d.missing.text, "second, events");
    done(&it);
}

static void test_a_cluster_with_scram_alone(void **state)
{
    (void)state;
    struct drafted it;
    const struct told what = {.brokers = "b-1" DOMAIN ":9096",
                              .authentication = "NONE",
                              .host = RDS,
                              .listeners = scram,
                              .nlisteners = 1,
                              .at_rds = true};
    const struct pipeline_config *pc = of(&it, &what);
    assert_string_equal(pc->msk.cluster, "events");
    assert_string_equal(pc->kafka.sasl_mechanism, "SCRAM-SHA-512");
    assert_string_equal(pc->kafka.sasl_username, "CDCTOP_KAFKA_USERNAME");
    assert_string_equal(pc->kafka.sasl_password, "CDCTOP_KAFKA_PASSWORD");
    done(&it);
}

/* MSK is silent, or they are not MSK's: as the connectors talk to them. */
static void test_brokers_of_nobody_we_know(void **state)
{
    (void)state;
    static const struct {
        const char *authentication, *encryption, *protocol;
    } cases[] = {
        {"IAM",  "TLS",       "SASL_SSL" },
        {"NONE", "TLS",       "SSL"      },
        {"NONE", "PLAINTEXT", "PLAINTEXT"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drafted it;
        const struct told what = {.brokers = "k1:9092,k2:9092",
                                  .authentication = cases[i].authentication,
                                  .encryption = cases[i].encryption,
                                  .host = RDS,
                                  .clusters_error = "AccessDenied",
                                  .at_rds = true};
        const struct pipeline_config *pc = of(&it, &what);
        assert_int_equal(pc->kafka.bootstrap_servers.count, 2);
        assert_string_equal(pc->kafka.security_protocol, cases[i].protocol);
        if (i == 0)
            assert_string_equal(pc->kafka.sasl_mechanism, "AWS_MSK_IAM");
        says(it.d.missing.text, "msk.cluster: MSK did not tell: AccessDenied");
        done(&it);
    }
}

static void test_what_rds_says_of_the_host(void **state)
{
    (void)state;
    struct drafted it;
    struct told what = {
        .brokers = "b-1" DOMAIN ":9098", .host = RDS, .listeners = iam, .nlisteners = 2};
    const struct pipeline_config *pc = of(&it, &what);
    assert_string_equal(pc->rds.instance, "");
    says(it.d.missing.text, "rds.instance: RDS has no instance shop");
    done(&it);
    what.rds_error = ERR_DENIED; /* the name still says that it is RDS */
    pc = of(&it, &what);
    assert_string_equal(pc->rds.instance, "auto");
    says(it.d.missing.text, "is not told: RDS");
    done(&it);
    what.at_rds = what.elsewhere = true; /* an instance of that name, but of another account */
    pc = of(&it, &what);
    assert_string_equal(pc->rds.instance, "");
    says(it.d.missing.text, "is no endpoint of what RDS has of that name here");
    done(&it);
    what.host = "10.0.0.5";
    pc = of(&it, &what);
    assert_string_equal(pc->rds.instance, "");
    assert_null(strstr(pc->postgres.conninfo, "sslmode"));
    done(&it);
}

/* ---- logins */

static void test_which_secrets_are_taken(void **state)
{
    (void)state;
    static const struct {
        const char *password, *ours; /* NULL: none */
    } cases[] = {
        {"${secretsmanager:prod/shop:password}",           "${secret:prod/shop#password}"},
        {"${secretManager:prod/shop:password}",            "${secret:prod/shop#password}"},
        {"${aws-secrets-manager:shop:pw}",                 "${secret:shop#pw}"           },
        {"${file:/etc/secretsmanager:password}",           NULL                          },
        {"${ssm:prod/shop:password}",                      NULL                          },
        {"${secretsmanager:prod/shop}",                    NULL                          },
        {"${secretsmanager:prod/shop:password?ttl=60000}", NULL                          },
        {"${secretsmanager:prod/shop:}",                   NULL                          },
        {"${secretsmanager::password}",                    NULL                          },
        {"${secretsmanager:a#b:password}",                 NULL                          },
        {"${secretsmanager:a:b}${cmd:touch /tmp/x}",       NULL                          },
        {"${secretsmanager:a:b:c}",                        NULL                          },
        {"${secretsmanager:a b:c}",                        NULL                          },
        {"${secretsmanager:a:b'c}",                        NULL                          },
        {"x${secretsmanager:a:b}",                         NULL                          },
        {"${secretsmanager:a:b",                           NULL                          },
        {"${:a:b}",                                        NULL                          },
        {"${",                                             NULL                          },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drafted it;
        const struct told what = {.brokers = "b-1" DOMAIN ":9098",
                                  .host = RDS,
                                  .user = cases[i].password,
                                  .password = cases[i].password,
                                  .listeners = iam,
                                  .nlisteners = 2,
                                  .at_rds = true};
        const struct pipeline_config *pc = of(&it, &what);
        const char *want = cases[i].ours != NULL ? cases[i].ours : "CDCTOP_PG_PASSWORD";
        if (strcmp(pc->postgres.password, want) != 0)
            fail_msg("%s: %s", cases[i].password, pc->postgres.password);
        assert_int_equal(strstr(pc->postgres.conninfo, "user=${secret:") != NULL,
                         cases[i].ours != NULL);
        done(&it);
    }
}

/* It would go to a server of whoever wrote the config. */
static void test_no_secret_for_a_server_that_is_not_ours(void **state)
{
    (void)state;
    static const char *const hosts[] = {RDS, "evil.example", "x.y.eu-west-3.rds.amazonaws.com",
                                        RDS};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        struct drafted it;
        const struct told what = {.brokers = "b-1" DOMAIN ":9098",
                                  .host = hosts[i],
                                  .user = "dbz",
                                  .password = "${secretsmanager:prod/shop:password}",
                                  .listeners = iam,
                                  .nlisteners = 2,
                                  .at_rds = i == 3,
                                  .elsewhere = true};
        const struct pipeline_config *pc = of(&it, &what);
        assert_string_equal(pc->postgres.password, "CDCTOP_PG_PASSWORD");
        says(it.d.missing.text, "database.password: the connector takes it from Secrets Manager");
        done(&it);
    }
}

static void iam_task(struct fixture *f, struct snapshot *snap)
{
    (void)f;
    struct kv *config = arena_array(snap->arena, 1, sizeof(*config));
    config[0] = (struct kv){"source.PostgreSQLSettings.AuthenticationMethod", "iam"};
    struct dms_task *t = arena_alloc(snap->arena, sizeof(*t));
    *t = dms_world.task;
    t->ntables = 0;
    t->source_host = RDS;
    t->target_brokers = "b-1" DOMAIN ":9096";
    struct connect_connector *c = arena_alloc(snap->arena, sizeof(*c));
    *c = (struct connect_connector){.name = t->id,
                                    .type = "source",
                                    .state = t->status,
                                    .class_name = "DMS",
                                    .source_ms = UNKNOWN,
                                    .offsets_ms = UNKNOWN,
                                    .service = SERVICE_DMS,
                                    .dms = t,
                                    .config = config,
                                    .nconfig = 1};
    snap->connect.connectors = c;
    snap->connect.nconnectors = 1;
}

/* DMS alone tells, and of one task. */
static void open_task(struct drafted *it, const struct told *what,
                      void (*task)(struct fixture *, struct snapshot *))
{
    open_world(it, what);
    dms_world_join(&it->f);
    it->f.edit[SOURCE_POSTGRES] = NULL;
    it->f.edit[SOURCE_MSK_CONNECT] = NULL;
    it->f.edit[SOURCE_CLOUDWATCH] = NULL;
    it->f.edit[SOURCE_DMS] = task;
}

static void test_a_task_that_logs_in_by_iam(void **state)
{
    (void)state;
    struct drafted it;
    const struct told what = {.listeners = iam, .nlisteners = 2, .at_rds = true};
    open_task(&it, &what, iam_task);
    make_draft(&it);
    const struct pipeline_config *pc = &it.config->pipelines[0];
    assert_string_equal(pc->postgres.login, "rds-iam");
    assert_string_equal(pc->postgres.password, "");
    assert_non_null(strstr(pc->postgres.conninfo, "user=dms sslmode=require"));
    assert_string_equal(pc->msk.cluster, "events");
    assert_int_equal(pc->dms.tasks.count, 1);
    assert_string_equal(pc->dms.tasks.items[0], "dms-shop");
    done(&it);
}

static void oracle_task(struct fixture *f, struct snapshot *snap)
{
    iam_task(f, snap);
    struct dms_task *t = arena_alloc(snap->arena, sizeof(*t));
    *t = *snap->connect.connectors[0].dms;
    t->source_engine = told->name;
    t->source_host = NULL;
    snap->connect.connectors[0].dms = t;
}

/* A task and a connector of one database are one pipeline, and the connector tells more. */
static void beside(struct fixture *f, struct snapshot *snap)
{
    iam_task(f, snap);
    snap->connect.connectors[0].nconfig = 0;
}

static void test_a_task_beside_a_connector(void **state)
{
    (void)state;
    struct drafted it;
    const struct told what = {.brokers = "b-1" DOMAIN ":9098",
                              .host = RDS,
                              .user = "dbz",
                              .listeners = iam,
                              .nlisteners = 2,
                              .at_rds = true};
    open_task(&it, &what, beside);
    it.f.edit[SOURCE_MSK_CONNECT] = connectors;
    make_draft(&it);
    assert_int_equal(it.config->npipelines, 1);
    const struct pipeline_config *pc = &it.config->pipelines[0];
    assert_non_null(strstr(pc->postgres.conninfo, "user=dbz"));
    assert_int_equal(pc->dms.tasks.count, 1);
    assert_int_equal(pc->mskconnect.connectors.count, 2);
    done(&it);
}

static void test_a_task_that_tells_no_database(void **state)
{
    (void)state;
    static const char *const engines[][2] = {
        {"oracle",   "reads from oracle\n"                              },
        {"postgres", "reads from postgres; its endpoint names no host, "},
    };
    for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
        struct drafted it;
        const struct told what = {.name = engines[i][0], .listeners = iam, .nlisteners = 2};
        open_task(&it, &what, oracle_task);
        make_draft(&it);
        says(it.d.missing.text, engines[i][1]);
        assert_string_equal(it.config->pipelines[0].postgres.conninfo, "");
        assert_string_equal(it.config->pipelines[0].msk.cluster, "events");
        done(&it);
    }
}

/* ---- what was given; names that act */

static void test_what_was_given_stays_without_its_keys(void **state)
{
    (void)state;
    struct drafted it;
    const char *why;
    const struct told what = {.brokers = "b-1" DOMAIN ":9098",
                              .host = RDS,
                              .listeners = iam,
                              .nlisteners = 2,
                              .at_rds = true};
    static const struct {
        enum option_section section;
        const char *key, *value;
    } given[] = {
        {SECTION_AWS,        "region",            "eu-central-1"                      },
        {SECTION_AWS,        "role_arn",          "arn:aws:iam::123456789012:role/see"},
        {SECTION_AWS,        "profile",           "prod"                              },
        {SECTION_AWS,        "access_key_id",     "AKIAGEHEIM"                        },
        {SECTION_AWS,        "secret_access_key", "geheim"                            },
        {SECTION_MSK,        "cluster",           "mine"                              },
        {SECTION_MSKCONNECT, "connectors",        "s*"                                },
        {SECTION_POSTGRES,   "password",          "${secret:own#pw}"                  },
    };
    open_world(&it, &what);
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        assert_true(options_set(options_find(given[i].section, given[i].key),
                                &it.f.config->pipelines[0], given[i].value, &why));
    make_draft(&it);
    const struct pipeline_config *pc = &it.config->pipelines[0];
    assert_string_equal(pc->aws.region, "eu-central-1");
    assert_string_equal(pc->aws.profile, "prod");
    assert_string_equal(pc->aws.role_arn, "arn:aws:iam::123456789012:role/see");
    assert_string_equal(pc->aws.access_key_id, "CDCTOP_AWS_KEY_ID");
    assert_string_equal(pc->msk.cluster, "mine");
    assert_int_equal(pc->mskconnect.connectors.count, 1);
    assert_string_equal(pc->mskconnect.connectors.items[0], "s*");
    assert_string_equal(pc->postgres.password, "${secret:own#pw}");
    assert_null(strstr(it.text, "geheim"));
    assert_null(strstr(it.text, "AKIAGEHEIM"));
    done(&it);
}

static void test_a_name_means_itself(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"!src*",     "\\!src\\*"},
        {"${cmd:id}", "${cmd:id}"},
        {"a\"b[c",    "a\"b\\[c" },
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct drafted it;
        const struct told what = {.brokers = "b-1" DOMAIN ":9098",
                                  .host = RDS,
                                  .name = names[i][0],
                                  .listeners = iam,
                                  .nlisteners = 2,
                                  .at_rds = true};
        const struct pipeline_config *pc = of(&it, &what);
        bool listed = false;
        for (size_t k = 0; k < pc->mskconnect.connectors.count; k++)
            listed = listed || strcmp(pc->mskconnect.connectors.items[k], names[i][1]) == 0;
        assert_true(listed);
        done(&it);
    }
}

static void test_troubles_are_told_once(void **state)
{
    (void)state;
    struct drafted it;
    const struct told what = {.brokers = "b-1" DOMAIN ":9098", .host = RDS};
    struct strbuf sb;
    strbuf_init(&sb, 4096);
    open_world(&it, &what);
    it.f.fails[SOURCE_AWS] = it.f.fails[SOURCE_MSK_CONNECT] = it.f.fails[SOURCE_DMS] = true;
    it.f.fails_as = ERR_AUTH;
    it.f.fails_text = "no AWS keys";
    fixture_tick(&it.f, 2000);
    discover_troubles(it.f.world, 0, NULL, &sb);
    assert_string_equal(sb.text, "AWS: no AWS keys\n");
    strbuf_free(&sb);
    fixture_close(&it.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_managed_pipeline),
        cmocka_unit_test(test_whose_brokers_they_are),
        cmocka_unit_test(test_several_clusters),
        cmocka_unit_test(test_a_cluster_with_scram_alone),
        cmocka_unit_test(test_brokers_of_nobody_we_know),
        cmocka_unit_test(test_what_rds_says_of_the_host),
        cmocka_unit_test(test_which_secrets_are_taken),
        cmocka_unit_test(test_no_secret_for_a_server_that_is_not_ours),
        cmocka_unit_test(test_a_task_that_logs_in_by_iam),
        cmocka_unit_test(test_a_task_beside_a_connector),
        cmocka_unit_test(test_a_task_that_tells_no_database),
        cmocka_unit_test(test_what_was_given_stays_without_its_keys),
        cmocka_unit_test(test_a_name_means_itself),
        cmocka_unit_test(test_troubles_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
