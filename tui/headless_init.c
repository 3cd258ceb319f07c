/* init: writes a configuration from what Kafka Connect's connectors, or AWS's services, tell. */
#include "base/mem.h"
#include "base/utf8.h"
#include "config/print.h"
#include "report/discover.h"
#include "survey.h"
#include "tui/headless.h"
#include "tui/headless_session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_REFUSED = 2 };

static bool asks_aws(const struct pipeline_config *given)
{
    return given->mskconnect.connectors.count > 0 || given->dms.tasks.count > 0;
}

static int64_t wait_of(const struct cli_options *opts)
{
    return opts->wait_ms > 0 ? opts->wait_ms : SESSION_WAIT_MS;
}

static void complain(const char *path, const char *what)
{
    (void)fprintf(stderr, "cdctop: %s: %s\n", path, what);
}

/* Foreign text, line by line, each behind `before`. */
static void say_lines(FILE *to, const char *before, const char *lines)
{
    while (*lines != '\0') {
        size_t n = strcspn(lines, "\n"), size = 3 * n + 4; /* a bad byte becomes three */
        char *line = mem_strndup(lines, n), *clean = mem_alloc(size);
        (void)fprintf(to, "%s%s\n", before, utf8_clean(clean, size, line, false));
        free(clean);
        free(line);
        lines += n;
        lines += *lines == '\n';
    }
}

/* The directories above the file, as a home directory wants them: for their owner alone. */
static void make_directories(const char *path)
{
    char *copy = mem_strdup(path);
    for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(copy, 0700); /* what went wrong here, open() will say */
        *slash = '/';
    }
    free(copy);
}

static bool write_all(int fd, const char *text)
{
    for (size_t n = strlen(text); n > 0;) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        text += done;
        n -= (size_t)done;
    }
    return fsync(fd) == 0;
}

/* Beside its place first, so that neither a full disk nor a crash leaves half a file; a link does
 * not replace what somebody else has put there meanwhile, a rename does. */
static bool write_file(const char *path, const char *text, bool force)
{
    char *beside = mem_printf("%s.XXXXXX", path);
    bool ok = false;
    make_directories(path);
    int fd = mkstemp(beside); /* 0600 */
    if (fd >= 0) {
        ok = write_all(fd, text);
        ok = close(fd) == 0 && ok;
        ok = ok && (force ? rename(beside, path) : link(beside, path)) == 0;
        int why = errno;
        if (!ok || !force)
            (void)unlink(beside);
        errno = why;
    }
    if (!ok)
        complain(path,
                 errno == EEXIST ? "it is there already: --force overwrites it" : strerror(errno));
    free(beside);
    return ok;
}

/* Whom it came from: "Kafka Connect at URL", "AWS in REGION", or both. */
static void put_origin(struct strbuf *sb, const struct discovery *d, const struct config *config)
{
    const struct pipeline_config *given = &config->pipelines[0];
    if (config_has_connect(given))
        strbuf_printf(sb, "Kafka Connect at %s", given->connect.urls.items[0]);
    if (!asks_aws(given))
        return;
    strbuf_puts(sb, config_has_connect(given) ? " and AWS" : "AWS");
    if (d->config.pipelines[0].aws.region[0] != '\0')
        strbuf_printf(sb, " in %s", d->config.pipelines[0].aws.region);
}

static char *heading_of(const struct discovery *d, const struct config *config)
{
    struct strbuf sb;
    strbuf_init(&sb, 64 * 1024);
    strbuf_puts(&sb, "Written by cdctop init from what ");
    put_origin(&sb, d, config);
    strbuf_puts(&sb, " told.\n");
    if (d->env.len > 0)
        strbuf_puts(&sb, "Secrets are not in it: before cdctop starts, these variables must hold "
                         "them.\n");
    strbuf_puts(&sb, d->env.text);
    if (d->missing.len > 0)
        strbuf_puts(&sb, "Not found:\n");
    strbuf_puts(&sb, d->missing.text);
    strbuf_putc(&sb, '\n');
    return strbuf_take(&sb);
}

static void tell(FILE *to, const struct discovery *d, const char *path)
{
    say_lines(to, "found    ", d->found.text);
    say_lines(to, "missing  ", d->missing.text);
    if (path != NULL)
        (void)fprintf(to, "written  %s\n", path);
    say_lines(to, "set      ", d->env.text);
}

/* ---- what is asked --------------------------------------------------------------------------- */

/* Some service has told of connectors. With AWS alone and none of them there is nothing to write.
 */
static bool has_answer(const struct session *s, const struct pipeline_config *given)
{
    static const enum source_kind kinds[] = {SOURCE_CONNECT, SOURCE_MSK_CONNECT, SOURCE_DMS};
    const struct world *world = engine_world(s->engine);
    struct strbuf sb;
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        any = any || world_state(world, 0, kinds[i]) == STATE_FRESH;
    bool none =
        any && !config_has_connect(given) && engine_pipeline(s->engine, 0)->nconnectors == 0;
    if (any && !none)
        return true;
    strbuf_init(&sb, 64 * 1024);
    discover_troubles(world, 0, NULL, &sb);
    say_lines(stderr, "cdctop: ", sb.text);
    strbuf_free(&sb);
    if (none)
        complain("AWS", "no connector of MSK Connect and no task of DMS is there: look at --region "
                        "and --connectors");
    else if (!asks_aws(given))
        complain("init", "for connectors of MSK Connect and tasks of DMS: cdctop init --aws");
    return false;
}

/* Without keys there is no use in asking more. */
static bool may_survey(const struct session *s)
{
    const struct source_slot *aws = &engine_world(s->engine)->pipelines[0].sources[SOURCE_AWS];
    return aws->err.kind == ERR_NONE;
}

static bool is_signalled(const struct session *s)
{
    struct pollfd fd = {.fd = s->signals, .events = POLLIN};
    return poll(&fd, 1, 0) > 0;
}

static int finish(const struct session *s, const struct config *config,
                  const struct cli_options *opts, const char *path)
{
    const struct pipeline_config *given = &config->pipelines[0];
    const struct pipeline *p = engine_pipeline(s->engine, 0);
    struct discover_aws aws = {.clusters_err = ERR_INIT};
    struct discovery d;
    int code = 0;
    if (!has_answer(s, given))
        return EXIT_FAILED;
    if (asks_aws(given) && may_survey(s)) {
        survey_aws(given, p, wait_of(opts), s->signals, &aws);
        if (is_signalled(s)) { /* what it was about to learn is not known, nor wanted */
            survey_free(&aws);
            return EXIT_FAILED;
        }
    }
    discover(engine_world(s->engine), 0, p, asks_aws(given) ? &aws : NULL, &d);
    d.config.words = config->words;
    char *heading = heading_of(&d, config);
    char *text = config_draft(&d.config, heading);
    if (strcmp(path, "-") == 0) {
        (void)fputs(text, stdout);
        tell(stderr, &d, NULL);
    } else if (write_file(path, text, opts->force)) {
        tell(stdout, &d, path);
    } else {
        code = EXIT_REFUSED;
    }
    free(heading);
    free(text);
    discovery_free(&d);
    survey_free(&aws);
    return code;
}

/* What it finds is written down, not watched: CloudWatch and its logs, which cost, are not asked,
 * and a service has as long for its answer as we wait. */
static void prepare(struct pipeline_config *given, const struct cli_options *opts)
{
    if (!asks_aws(given))
        return;
    given->cloudwatch.metrics_per_hour = 0;
    given->logs.read = false;
    if (given->aws.timeout_ms < wait_of(opts))
        given->aws.timeout_ms = wait_of(opts);
}

int headless_init(struct config *config, const struct cli_options *opts)
{
    char *home = opts->output == NULL ? config_home_path() : NULL;
    const char *path = opts->output != NULL ? opts->output : home;
    bool asks = config->npipelines == 1 &&
                (config_has_connect(&config->pipelines[0]) || asks_aws(&config->pipelines[0]));
    int code = EXIT_REFUSED;
    struct session s;
    if (path == NULL) {
        complain("init", "there is no home directory: say --output FILE");
    } else if (!asks) {
        complain("init", "one Kafka Connect is needed: --connect http://HOST:8083; or --aws");
    } else if (strcmp(path, "-") != 0 && !opts->force && access(path, F_OK) == 0) {
        complain(path, "it is there already: --force overwrites it");
    } else {
        prepare(&config->pipelines[0], opts);
        if (session_open(&s, config, opts, live_backend())) {
            bool on = session_settle(&s, wait_of(opts));
            code = session_close(&s, on ? finish(&s, config, opts, path) : EXIT_FAILED);
        }
    }
    free(home);
    return code;
}
