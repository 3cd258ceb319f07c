#include "action/audit.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

enum { RECORD_MAX = 1024 * 1024 };

struct audit {
    char *path;
    bool to_syslog;
    int fd;
};

static const char *const state_names[] = {
    [ACTION_QUEUED] = "queued",     [ACTION_CHECKING] = "checking", [ACTION_SENDING] = "sending",
    [ACTION_WATCHING] = "watching", [ACTION_WORKED] = "worked",     [ACTION_FAILED] = "failed",
    [ACTION_UNSEEN] = "unseen",
};
static_assert(ARRAY_LEN(state_names) == ACTION_UNSEEN + 1, "a name per state");

const char *action_state_name(enum action_state state)
{
    return (unsigned)state < ARRAY_LEN(state_names) ? state_names[state] : "unknown";
}

char *audit_path(const char *path)
{
    if (path != NULL && path[0] != '\0')
        return mem_strdup(path);
    const char *state = getenv("XDG_STATE_HOME");
    if (state != NULL && state[0] == '/')
        return mem_printf("%s/cdctop/audit.jsonl", state);
    const char *home = getenv("HOME");
    return mem_printf("%s/.local/state/cdctop/audit.jsonl", home != NULL ? home : "");
}

struct audit *audit_new(const char *path, bool to_syslog)
{
    struct audit *a = mem_alloc(sizeof(*a));
    a->path = audit_path(path);
    a->to_syslog = to_syslog;
    a->fd = -1;
    return a;
}

void audit_free(struct audit *audit)
{
    if (audit == NULL)
        return;
    if (audit->fd >= 0)
        (void)close(audit->fd);
    free(audit->path);
    free(audit);
}

/* Every missing directory of the path, 0700: who acted on which server is nobody else's business.
 */
static void make_directories(const char *path)
{
    char *copy = mem_strdup(path);
    for (char *p = copy + 1; *p != '\0'; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        (void)mkdir(copy, 0700); /* what is wrong with it shows when the file is opened */
        *p = '/';
    }
    free(copy);
}

static bool open_file(struct audit *a, struct err *err)
{
    if (a->fd >= 0)
        return true;
    make_directories(a->path);
    a->fd = open(a->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (a->fd < 0)
        return err_set(err, ERR_IO, errno, "audit log %s: %s", a->path, strerror(errno));
    return true;
}

/* Takes the record. One write: lines of several programs do not mix. */
static bool put(struct audit *a, cJSON *record, struct err *err)
{
    char *text = cJSON_PrintUnformatted(record);
    cJSON_Delete(record);
    struct strbuf line; /* names come from servers, and the log is read on terminals */
    strbuf_init(&line, RECORD_MAX);
    json_put_clean(&line, text);
    (void)strbuf_putc(&line, '\n');
    bool ok = open_file(a, err);
    if (ok && write(a->fd, line.text, line.len) != (ssize_t)line.len)
        ok = err_set(err, ERR_IO, errno, "audit log %s: %s", a->path, strerror(errno));
    if (ok && fsync(a->fd) != 0 && errno != EINVAL && errno != EROFS)
        ok = err_set(err, ERR_IO, errno, "audit log %s: %s", a->path, strerror(errno));
    if (a->to_syslog)
        syslog(LOG_USER | LOG_NOTICE, "cdctop %s", line.text);
    cJSON_free(text);
    strbuf_free(&line);
    return ok;
}

static cJSON *record_new(const char *phase, unsigned id, const char *action, const char *target)
{
    char stamp[40];
    cJSON *r = cJSON_CreateObject();
    cJSON_AddStringToObject(r, "time", clock_iso_ms(clock_wall_ms(), stamp, sizeof(stamp)));
    cJSON_AddStringToObject(r, "phase", phase);
    cJSON_AddNumberToObject(r, "id", id);
    cJSON_AddNumberToObject(r, "pid", getpid());
    cJSON_AddStringToObject(r, "action", action);
    cJSON_AddStringToObject(r, "target", target);
    return r;
}

static void add_who(cJSON *r)
{
    struct passwd pw;
    struct passwd *found = NULL;
    char buf[1024];
    char host[256] = "";
    (void)getpwuid_r(getuid(), &pw, buf, sizeof(buf), &found);
    (void)gethostname(host, sizeof(host) - 1);
    cJSON_AddStringToObject(r, "user", found != NULL ? found->pw_name : "");
    cJSON_AddNumberToObject(r, "uid", getuid());
    cJSON_AddStringToObject(r, "host", host);
    /* On a shared bastion account these tell who it really was. */
    const char *sudo = getenv("SUDO_USER");
    const char *ssh = getenv("SSH_CONNECTION");
    if (sudo != NULL)
        cJSON_AddStringToObject(r, "sudo_user", sudo);
    if (ssh != NULL)
        cJSON_AddStringToObject(r, "from", ssh);
}

bool audit_request(struct audit *audit, unsigned id, const struct action_args *args,
                   const char *pipeline, const char *const *request, size_t nrequest,
                   struct err *err)
{
    cJSON *r = record_new("request", id, action_info(args->kind)->name, args->target);
    add_who(r);
    cJSON_AddStringToObject(r, "pipeline", pipeline);
    cJSON *lines = cJSON_AddArrayToObject(r, "request");
    for (size_t i = 0; i < nrequest; i++)
        cJSON_AddItemToArray(lines, cJSON_CreateString(request[i]));
    return put(audit, r, err);
}

bool audit_outcome(struct audit *audit, const struct action_status *status, struct err *err)
{
    cJSON *r = record_new("outcome", status->id, action_info(status->kind)->name, status->target);
    cJSON_AddStringToObject(r, "state", action_state_name(status->state));
    cJSON_AddStringToObject(r, "text", status->text);
    return put(audit, r, err);
}
