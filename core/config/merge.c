/* merge.c: what the command line and the environment add to the file. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "config/load.h"
#include "config/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *env(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : NULL;
}

static void put(char **field, const char *value)
{
    mem_wipe_free(*field);
    *field = mem_strdup(value);
}

static bool is_empty(const char *s)
{
    return s == NULL || *s == '\0';
}

/* USER:PASSWORD@ is a slip where only a host or a bucket belongs, but a secret all the same. */
static bool secret_inside(const struct option *option, const char *value)
{
    return option->type == OPTION_CONNINFO || option->type == OPTION_HTTP_URLS ||
           strchr(value, '@') != NULL;
}

static void set_flag(const struct loader *loader, const char *flag, enum option_section section,
                     const char *key, const char *value, void *base)
{
    const struct option *option = options_find(section, key);
    char allowed[256], found[128];
    const char *why = NULL;
    if (options_set(option, base, value, &why))
        return;
    (void)snprintf(found, sizeof(found), "\"%.100s\"", value);
    problems_add(loader->problems, NULL,
                 &(struct problem){.key = flag,
                                   .found = secret_inside(option, value) ? NULL : found,
                                   .allowed = options_allowed(option, allowed, sizeof(allowed)),
                                   .what = why != NULL ? why : "this is not a value for it"});
}

/* The pipeline that was asked for comes to the front: flags describe or override the first one. */
static void pick_pipeline(struct loader *loader, const char *name)
{
    struct config *config = loader->config;
    size_t at = 0;
    while (at < config->npipelines && strcmp(config->pipelines[at].name, name) != 0)
        at++;
    if (at < config->npipelines) {
        struct pipeline_config pipeline = config->pipelines[at];
        struct origin origin = loader->origins[at];
        memmove(config->pipelines + 1, config->pipelines, at * sizeof(*config->pipelines));
        memmove(loader->origins + 1, loader->origins, at * sizeof(*loader->origins));
        config->pipelines[0] = pipeline;
        loader->origins[0] = origin;
        return;
    }
    if (config->npipelines == 0) {
        put(&apply_new_pipeline(loader, 0, 0)->name, name);
        return;
    }
    const char **names = mem_calloc(config->npipelines, sizeof(*names));
    char found[128];
    for (size_t i = 0; i < config->npipelines; i++)
        names[i] = config->pipelines[i].name;
    (void)snprintf(found, sizeof(found), "\"%.100s\"", name);
    problems_add(loader->problems, NULL,
                 &(struct problem){.key = "--pipeline",
                                   .found = found,
                                   .allowed = "the name of a pipeline in the configuration",
                                   .nearest = value_nearest(name, names, config->npipelines),
                                   .what = "there is no such pipeline"});
    free(names);
}

static void forget_origin(struct loader *loader, enum option_section section)
{
    for (size_t i = 0; i < options_count; i++) {
        if (options[i].section == section)
            memset(&loader->origins[0].at[i], 0, sizeof(loader->origins[0].at[i]));
    }
}

/* A login is for the brokers it was written for; how the line to them is secured is not changed. */
static void drop_kafka_login(struct loader *loader, struct kafka_config *kafka)
{
    put(&kafka->sasl_username, "");
    put(&kafka->sasl_password, "");
    if (!is_empty(kafka->sasl_mechanism) && strcmp(kafka->sasl_mechanism, "AWS_MSK_IAM") == 0)
        put(&kafka->sasl_mechanism, options_find(SECTION_KAFKA, "sasl_mechanism")->default_value);
    if (!is_empty(kafka->security_protocol) && strcmp(kafka->security_protocol, "SASL_SSL") == 0)
        put(&kafka->security_protocol, "SSL");
    else if (!is_empty(kafka->security_protocol) &&
             strcmp(kafka->security_protocol, "SASL_PLAINTEXT") == 0)
        put(&kafka->security_protocol, "PLAINTEXT");
    forget_origin(loader, SECTION_KAFKA);
}

/* Keys that the file has stand before a profile: they are not of the one that was asked for. */
static void merge_aws_flags(struct loader *loader, const struct config_flags *flags,
                            struct pipeline_config *pipeline)
{
    const char *globs = flags->connectors;
    if (flags->region != NULL)
        set_flag(loader, "--region", SECTION_AWS, "region", flags->region, pipeline);
    if (flags->profile != NULL) {
        put(&pipeline->aws.access_key_id, "");
        put(&pipeline->aws.secret_access_key, "");
        put(&pipeline->aws.session_token, "");
        forget_origin(loader, SECTION_AWS);
        set_flag(loader, "--profile", SECTION_AWS, "profile", flags->profile, pipeline);
    }
    if (globs != NULL)
        set_flag(loader, "--connectors", SECTION_CONNECT, "connectors", globs, pipeline);
    if (globs != NULL && flags->aws) {
        set_flag(loader, "--connectors", SECTION_MSKCONNECT, "connectors", globs, pipeline);
        set_flag(loader, "--connectors", SECTION_DMS, "tasks", globs, pipeline);
    } else if (flags->aws && pipeline->mskconnect.connectors.count == 0 &&
               pipeline->dms.tasks.count == 0) {
        set_flag(loader, "--aws", SECTION_MSKCONNECT, "connectors", "*", pipeline);
        set_flag(loader, "--aws", SECTION_DMS, "tasks", "*", pipeline);
    }
}

static void merge_pipeline_flags(struct loader *loader, const struct config_flags *flags)
{
    if (flags->pg == NULL && flags->kafka == NULL && flags->connect == NULL && flags->s3 == NULL &&
        flags->connectors == NULL && flags->region == NULL && flags->profile == NULL && !flags->aws)
        return;
    struct pipeline_config *pipeline = loader->config->npipelines > 0
                                           ? &loader->config->pipelines[0]
                                           : apply_new_pipeline(loader, 0, 0);
    if (flags->pg != NULL) {
        /* A password is for the server it was written for. */
        put(&pipeline->postgres.password, "");
        forget_origin(loader, SECTION_POSTGRES);
        set_flag(loader, "--pg", SECTION_POSTGRES, "conninfo", flags->pg, pipeline);
    }
    if (flags->kafka != NULL) {
        drop_kafka_login(loader, &pipeline->kafka);
        set_flag(loader, "--kafka", SECTION_KAFKA, "bootstrap_servers", flags->kafka, pipeline);
    }
    if (flags->connect != NULL) {
        put(&pipeline->connect.username, "");
        put(&pipeline->connect.password, "");
        forget_origin(loader, SECTION_CONNECT);
        set_flag(loader, "--connect", SECTION_CONNECT, "urls", flags->connect, pipeline);
    }
    if (flags->s3 != NULL)
        set_flag(loader, "--s3", SECTION_S3, "url", flags->s3, pipeline);
    merge_aws_flags(loader, flags, pipeline);
}

/* On a command line a bare number means seconds, as for watch and top. */
static void merge_interval(const struct loader *loader, const char *value)
{
    int64_t seconds;
    char *text = value_integer(value, &seconds) ? mem_printf("%llds", (long long)seconds)
                                                : mem_strdup(value);
    set_flag(loader, "--interval", SECTION_UI, "interval", text, loader->config);
    free(text);
}

void merge_flags(struct loader *loader, const struct config_flags *flags)
{
    struct config *config = loader->config;
    if (flags->pipeline != NULL)
        pick_pipeline(loader, flags->pipeline);
    merge_pipeline_flags(loader, flags);
    if (flags->theme != NULL)
        set_flag(loader, "--theme", SECTION_UI, "theme", flags->theme, config);
    if (flags->interval != NULL)
        merge_interval(loader, flags->interval);
    if (flags->log_file != NULL)
        set_flag(loader, "--log", SECTION_LOG, "file", flags->log_file, config);
    if (flags->ascii)
        put(&config->glyphs, "ascii");
    if (flags->mouse)
        config->mouse = true;
    if (flags->read_only)
        config->read_only = true;
}

static void add_keyword(struct strbuf *sb, const char *keyword, const char *value)
{
    if (value == NULL)
        return;
    strbuf_printf(sb, "%s%s='", sb->len > 0 ? " " : "", keyword);
    for (; *value != '\0'; value++)
        strbuf_printf(sb, *value == '\'' || *value == '\\' ? "\\%c" : "%c", *value);
    strbuf_putc(sb, '\'');
}

/* PG* as libpq would read them, made visible; what is left out here (PGSSLMODE, …) libpq adds. */
static void postgres_from_environment(struct loader *loader)
{
    static const char *const keywords[][2] = {
        {"service",  "PGSERVICE" },
        {"host",     "PGHOST"    },
        {"hostaddr", "PGHOSTADDR"},
        {"port",     "PGPORT"    },
        {"dbname",   "PGDATABASE"},
        {"user",     "PGUSER"    }
    };
    struct config *config = loader->config;
    if (!env("PGSERVICE") && !env("PGHOST") && !env("PGHOSTADDR") && !env("PGDATABASE"))
        return;
    if (config->npipelines == 0)
        apply_new_pipeline(loader, 0, 0);
    struct pipeline_config *pipeline = &config->pipelines[0];
    /* PGHOST usually means another database than the one a file is about. */
    if (loader->origins[0].line > 0 || !is_empty(pipeline->postgres.conninfo))
        return;
    struct strbuf sb;
    strbuf_init(&sb, 8192);
    for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
        add_keyword(&sb, keywords[i][0], env(keywords[i][1]));
    put(&pipeline->postgres.conninfo, sb.text);
    strbuf_free(&sb);
    if (env("PGPASSWORD") != NULL)
        put(&pipeline->postgres.password, env("PGPASSWORD"));
}

static const char *first_env(const char *a, const char *b)
{
    return env(a) != NULL ? env(a) : env(b);
}

/* Keys that the file names and that came out empty ("${env:X}" of an empty X): those of the
 * environment, which may be of another account, must not step in for them. */
static void refuse_empty_keys(const struct loader *loader, size_t pipeline,
                              enum option_section section)
{
    static const char *const keys[] = {"access_key_id", "secret_access_key"};
    const struct origin *origin = &loader->origins[pipeline];
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const struct option *option = options_find(section, keys[i]);
        const struct pipeline_config *base = &loader->config->pipelines[pipeline];
        const char *value = *(char *const *)((const char *)base + option->offset);
        if (origin->at[option - options].line > 0 && !origin->at[option - options].literal &&
            is_empty(value))
            problems_option(loader, origin, option, false, "nothing came out of this reference");
    }
}

static void s3_from_environment(struct s3_config *s3)
{
    const char *region = first_env("AWS_REGION", "AWS_DEFAULT_REGION");
    const char *endpoint = first_env("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
    if (is_empty(s3->region) && region != NULL)
        put(&s3->region, region);
    if (is_empty(s3->endpoint) && endpoint != NULL) {
        size_t n = strlen(endpoint);
        while (n > 0 && endpoint[n - 1] == '/')
            n--;
        mem_wipe_free(s3->endpoint);
        s3->endpoint = mem_strndup(endpoint, n);
    }
}

void merge_environment(struct loader *loader)
{
    postgres_from_environment(loader);
    for (size_t i = 0; i < loader->config->npipelines; i++) {
        struct s3_config *s3 = &loader->config->pipelines[i].s3;
        refuse_empty_keys(loader, i, SECTION_S3);
        refuse_empty_keys(loader, i, SECTION_AWS);
        s3_from_environment(s3);
        if (!is_empty(s3->endpoint) && value_bad_http_url(s3->endpoint) != NULL)
            problems_add(loader->problems, NULL,
                         &(struct problem){.key = "AWS_ENDPOINT_URL_S3",
                                           .allowed = "a URL, such as https://HOST:9000",
                                           .what = value_bad_http_url(s3->endpoint)});
    }
}
