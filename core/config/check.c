/* check.c: what only shows when everything is together. */
#include "base/mem.h"
#include "base/s3url.h"
#include "config/conninfo.h"
#include "config/load.h"
#include "config/msk_kind.h"
#include "config/secretref.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_empty(const char *s)
{
    return s == NULL || *s == '\0';
}

static bool given(const char *s)
{
    return !is_empty(s);
}

static void complain(const struct loader *loader, size_t pipeline, enum option_section section,
                     const char *key, const char *what)
{
    problems_option(loader, &loader->origins[pipeline], options_find(section, key), false, what);
}

static void warn_literal(const struct loader *loader, size_t pipeline, const struct option *option)
{
    const struct origin *origin = &loader->origins[pipeline];
    char what[300];
    if (!loader->others_read || !origin->at[option - options].literal)
        return;
    (void)snprintf(what, sizeof(what),
                   "a secret is written in a file that others can read: chmod 600 %.150s, or write "
                   "%s",
                   loader->file,
                   (option->flags & OPTION_LOGIN) != 0
                       ? "${env:…}, ${file:…}, ${cmd:…} or ${secret:…}"
                       : "${env:…}, ${file:…} or ${cmd:…}");
    problems_option(loader, origin, option, true, what);
}

static void settle_postgres(const struct loader *loader, size_t i)
{
    struct postgres_config *pg = &loader->config->pipelines[i].postgres;
    const struct option *option = options_find(SECTION_POSTGRES, "conninfo");
    if (is_empty(pg->conninfo)) {
        if (given(pg->password) && loader->origins[i].line > 0)
            complain(loader, i, SECTION_POSTGRES, "password", "conninfo is missing");
        return;
    }
    if (secretref_whole(pg->conninfo))
        return; /* what it is shows when somebody logs in */
    const char *bad = conninfo_bad(pg->conninfo);
    if (bad != NULL) {
        problems_option(loader, &loader->origins[i], option, false, bad);
        return;
    }
    if (strcmp(pg->login, "rds-iam") == 0 && given(pg->password))
        complain(loader, i, SECTION_POSTGRES, "password",
                 "login rds-iam makes a token in its place: leave one of the two away");
    if (conninfo_has_secret(pg->conninfo))
        warn_literal(loader, i, option);
    char *password = conninfo_split_password(&pg->conninfo);
    if (password != NULL && is_empty(pg->password)) {
        mem_wipe_free(pg->password);
        pg->password = password;
        password = NULL;
    }
    mem_wipe_free(password);
}

/* https://USER:PASSWORD@HOST: one login for the whole cluster. */
static void settle_connect(const struct loader *loader, size_t i)
{
    struct connect_config *connect = &loader->config->pipelines[i].connect;
    const struct option *option = options_find(SECTION_CONNECT, "urls");
    bool from_keys = given(connect->username);
    for (size_t k = 0; k < connect->urls.count; k++) {
        char *username = NULL, *password = NULL;
        if (!conninfo_split_userinfo(&connect->urls.items[k], &username, &password))
            continue;
        if (given(password))
            warn_literal(loader, i, option);
        if (from_keys || (given(connect->username) &&
                          (strcmp(connect->username, username) != 0 ||
                           strcmp(connect->password, password != NULL ? password : "") != 0))) {
            complain(loader, i, SECTION_CONNECT, "urls",
                     "the workers of one cluster have one login: give username and password once");
        } else {
            mem_wipe_free(connect->username);
            mem_wipe_free(connect->password);
            connect->username = username;
            connect->password = password != NULL ? password : mem_strdup("");
            username = password = NULL;
        }
        mem_wipe_free(username);
        mem_wipe_free(password);
    }
    if (given(connect->password) && is_empty(connect->username))
        complain(loader, i, SECTION_CONNECT, "password", "username is missing");
    if (is_empty(connect->ssl_certificate) != is_empty(connect->ssl_key))
        complain(loader, i, SECTION_CONNECT, "ssl_certificate",
                 "ssl_certificate and ssl_key belong together");
}

static bool is(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static void put(char **field, const char *text)
{
    free(*field);
    *field = mem_strdup(text);
}

static bool is_set(const struct loader *loader, size_t i, const char *key)
{
    return loader->origins[i].at[options_find(SECTION_KAFKA, key) - options].line > 0;
}

/* What follows from a listener of MSK, and from its IAM login, is not asked for once more. */
static void derive_kafka(const struct loader *loader, size_t i)
{
    struct kafka_config *kafka = &loader->config->pipelines[i].kafka;
    const struct msk_config *msk = &loader->config->pipelines[i].msk;
    const struct msk_kind *kind = given(msk->cluster) && kafka->bootstrap_servers.count == 0
                                      ? msk_kind(msk->bootstrap)
                                      : NULL;
    if (kind != NULL && !is_set(loader, i, "security_protocol"))
        put(&kafka->security_protocol, kind->protocol);
    if (kind != NULL && kind->mechanism != NULL && !is_set(loader, i, "sasl_mechanism"))
        put(&kafka->sasl_mechanism, kind->mechanism);
    if (is(kafka->sasl_mechanism, "AWS_MSK_IAM") && !is_set(loader, i, "security_protocol"))
        put(&kafka->security_protocol, "SASL_SSL");
}

static void settle_kafka(const struct loader *loader, size_t i)
{
    derive_kafka(loader, i);
    const struct kafka_config *kafka = &loader->config->pipelines[i].kafka;
    bool sasl = strncmp(kafka->security_protocol, "SASL", 4) == 0;
    bool iam = sasl && is(kafka->sasl_mechanism, "AWS_MSK_IAM");
    bool tls = strstr(kafka->security_protocol, "SSL") != NULL;
    /* With auto it is not known before MSK has been asked. */
    bool asked = given(loader->config->pipelines[i].msk.cluster) &&
                 kafka->bootstrap_servers.count == 0 && !is_set(loader, i, "security_protocol");
    if (sasl && !iam && (is_empty(kafka->sasl_username) || is_empty(kafka->sasl_password)))
        complain(loader, i, SECTION_KAFKA, "security_protocol",
                 "it wants sasl_username and sasl_password as well");
    if (iam && (given(kafka->sasl_username) || given(kafka->sasl_password)))
        complain(loader, i, SECTION_KAFKA, "sasl_username",
                 "AWS_MSK_IAM logs in with the keys of [pipeline.aws], not with a user");
    if (!sasl && !asked && (given(kafka->sasl_username) || given(kafka->sasl_password)))
        complain(loader, i, SECTION_KAFKA, "sasl_username",
                 "a login goes with security_protocol \"SASL_SSL\" or \"SASL_PLAINTEXT\"");
    if (!sasl && !asked && is(kafka->sasl_mechanism, "AWS_MSK_IAM"))
        complain(loader, i, SECTION_KAFKA, "sasl_mechanism",
                 "AWS_MSK_IAM goes with security_protocol \"SASL_SSL\"");
    if (!tls && !asked &&
        (given(kafka->ssl_ca) || given(kafka->ssl_certificate) || given(kafka->ssl_key)))
        complain(loader, i, SECTION_KAFKA, "ssl_ca",
                 "certificates go with security_protocol \"SSL\" or \"SASL_SSL\"");
    if (is_empty(kafka->ssl_certificate) != is_empty(kafka->ssl_key))
        complain(loader, i, SECTION_KAFKA, "ssl_certificate",
                 "ssl_certificate and ssl_key belong together");
}

static void settle_s3(const struct loader *loader, size_t i)
{
    const struct s3_config *s3 = &loader->config->pipelines[i].s3;
    if (strchr(s3->endpoint, '@') != NULL)
        complain(loader, i, SECTION_S3, "endpoint", "it must not have a user or password");
    if (is_empty(s3->access_key_id) != is_empty(s3->secret_access_key))
        complain(loader, i, SECTION_S3, "access_key_id",
                 "access_key_id and secret_access_key belong together");
}

static void check_order(const struct loader *loader, size_t i)
{
    static const struct {
        const char *warn, *crit;
        bool falling;
    } pairs[] = {
        {"retained_warn",     "retained_crit",     false},
        {"lag_warn",          "lag_crit",          false},
        {"lag_time_warn",     "lag_time_crit",     false},
        {"end_to_end_warn",   "end_to_end_crit",   false},
        {"slot_idle_warn",    "slot_idle_crit",    false},
        {"lost_in_warn",      "lost_in_crit",      true },
        {"disk_full_warn",    "disk_full_crit",    true },
        {"disk_used_warn",    "disk_used_crit",    false},
        {"late_factor_warn",  "late_factor_crit",  false},
        {"cap_used_warn",     "cap_used_crit",     false},
        {"catalog_xmin_warn", "catalog_xmin_crit", false},
    };
    for (size_t k = 0; k < ARRAY_LEN(pairs); k++) {
        const struct option *option = options_find(SECTION_THRESHOLDS, pairs[k].warn);
        const struct option *other = options_find(SECTION_THRESHOLDS, pairs[k].crit);
        const struct pipeline_config *pipeline = &loader->config->pipelines[i];
        int64_t warn, crit;
        char what[120];
        memcpy(&warn, options_field_const(option, pipeline), sizeof(warn));
        memcpy(&crit, options_field_const(other, pipeline), sizeof(crit));
        if (pairs[k].falling ? warn >= crit : warn <= crit)
            continue;
        (void)snprintf(what, sizeof(what), "it must not be %s than %s",
                       pairs[k].falling ? "smaller" : "larger", other->key);
        bool here = loader->origins[i].at[option - options].line > 0;
        problems_option(loader, &loader->origins[i], here ? option : other, false,
                        here ? what : "it contradicts the default of its _warn");
    }
}

/* Of an access point: the name alone, not its ARN. */
static char *bucket_name(const char *url)
{
    struct s3arn arn;
    const char *why;
    size_t n;
    const char *bucket = s3url_bucket(url, &n);
    if (bucket != NULL && s3arn_read(bucket, n, &arn, &why))
        return mem_strdup(arn.name);
    return bucket != NULL ? mem_strndup(bucket, n) : mem_strdup("pipeline");
}

/* What a person would call it who gave no name. */
static char *derived_name(const struct pipeline_config *pipeline)
{
    char *name = given(pipeline->postgres.conninfo)
                     ? conninfo_get(pipeline->postgres.conninfo, "dbname")
                     : NULL;
    if (given(name))
        return name;
    free(name);
    if (given(pipeline->s3.url))
        return bucket_name(pipeline->s3.url);
    if (pipeline->kafka.bootstrap_servers.count > 0)
        return mem_strndup(pipeline->kafka.bootstrap_servers.items[0],
                           strcspn(pipeline->kafka.bootstrap_servers.items[0], ":"));
    return mem_strdup("pipeline");
}

static void check_name(const struct loader *loader, size_t i)
{
    struct pipeline_config *pipelines = loader->config->pipelines;
    const struct option *option = options_find(SECTION_PIPELINE, "name");
    if (is_empty(pipelines[i].name)) {
        free(pipelines[i].name);
        pipelines[i].name = derived_name(&pipelines[i]);
    }
    for (size_t k = 0; k < i; k++) {
        if (strcmp(pipelines[k].name, pipelines[i].name) != 0)
            continue;
        char what[300];
        (void)snprintf(what, sizeof(what),
                       "another pipeline (line %d) has the name \"%.100s\" already",
                       loader->origins[k].line, pipelines[i].name);
        problems_option(loader, &loader->origins[i], option, false, what);
        return;
    }
}

static void (*const section_checks[SECTION_COUNT])(const struct loader *loader, size_t pipeline) = {
    [SECTION_PIPELINE] = check_name,    [SECTION_POSTGRES] = settle_postgres,
    [SECTION_CONNECT] = settle_connect, [SECTION_KAFKA] = settle_kafka,
    [SECTION_S3] = settle_s3,           [SECTION_THRESHOLDS] = check_order,
};

void check_settled(struct loader *loader)
{
    for (size_t i = 0; i < loader->config->npipelines; i++) {
        const struct pipeline_config *pipeline = &loader->config->pipelines[i];
        const bool *broken = loader->origins[i].broken;
        bool any_broken = false;
        for (size_t s = 0; s < SECTION_COUNT; s++) {
            any_broken |= broken[s];
            if (!broken[s] && section_checks[s] != NULL)
                section_checks[s](loader, i);
        }
        for (size_t k = 0; k < options_count; k++) {
            if ((options[k].flags & OPTION_SECRET) &&
                given(*(char *const *)options_field_const(&options[k], pipeline)))
                warn_literal(loader, i, &options[k]);
        }
        if (!any_broken && !config_has_postgres(pipeline) && !config_has_kafka(pipeline) &&
            !config_has_connect(pipeline) && !config_has_s3(pipeline) && !config_has_aws(pipeline))
            complain(loader, i, SECTION_PIPELINE, "name",
                     "the pipeline names no server: give at least one of postgres.conninfo, "
                     "kafka.bootstrap_servers, connect.urls, s3.url; at AWS msk.cluster, "
                     "mskconnect.connectors, dms.tasks");
    }
}
