/* init: writes a configuration from what Kafka Connect's connectors tell. */
#include "base/mem.h"
#include "base/utf8.h"
#include "config/print.h"
#include "report/discover.h"
#include "tui/headless.h"
#include "tui/headless_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_FAILED = 1, EXIT_REFUSED = 2 };

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

static char *heading_of(const struct discovery *d, const struct config *config)
{
    struct strbuf sb;
    strbuf_init(&sb, 64 * 1024);
    strbuf_printf(&sb, "Written by cdctop init from what Kafka Connect at %s told.\n",
                  config->pipelines[0].connect.urls.items[0]);
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

static int finish(const struct session *s, const struct config *config, const char *path,
                  bool force)
{
    struct discovery d;
    int code = 0;
    if (world_state(engine_world(s->engine), 0, SOURCE_CONNECT) != STATE_FRESH) {
        const struct source_slot *slot =
            &engine_world(s->engine)->pipelines[0].sources[SOURCE_CONNECT];
        complain("Kafka Connect", slot->err.kind != ERR_NONE ? slot->err.text : "no answer");
        return EXIT_FAILED;
    }
    discover(engine_world(s->engine), 0, engine_pipeline(s->engine, 0), &d);
    d.config.words = config->words;
    char *heading = heading_of(&d, config);
    char *text = config_draft(&d.config, heading);
    if (strcmp(path, "-") == 0) {
        (void)fputs(text, stdout);
        tell(stderr, &d, NULL);
    } else if (write_file(path, text, force)) {
        tell(stdout, &d, path);
    } else {
        code = EXIT_REFUSED;
    }
    free(heading);
    free(text);
    discovery_free(&d);
    return code;
}

int headless_init(struct config *config, const struct cli_options *opts)
{
    char *home = opts->output == NULL ? config_home_path() : NULL;
    const char *path = opts->output != NULL ? opts->output : home;
    int code = EXIT_REFUSED;
    struct session s;
    if (path == NULL) {
        complain("init", "there is no home directory: say --output FILE");
    } else if (config->npipelines != 1 || !config_has_connect(&config->pipelines[0])) {
        complain("init", "one Kafka Connect is needed: --connect http://HOST:8083");
    } else if (strcmp(path, "-") != 0 && !opts->force && access(path, F_OK) == 0) {
        complain(path, "it is there already: --force overwrites it");
    } else if (session_open(&s, config, opts, live_backend())) {
        bool on = session_settle(&s, opts->wait_ms > 0 ? opts->wait_ms : SESSION_WAIT_MS);
        code = session_close(&s, on ? finish(&s, config, path, opts->force) : EXIT_FAILED);
    }
    free(home);
    return code;
}
