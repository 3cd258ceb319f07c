#include "record/reel.h"

#include "base/json.h"
#include "base/mem.h"
#include "record/reel_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whatever a file claims: ten years. */
static const int64_t t_max = INT64_C(10) * 366 * 24 * 3600 * 1000;

struct file {
    int fd;
};

static ssize_t file_read(void *self, uint64_t at, void *buf, size_t n)
{
    const struct file *f = self;
    if (at > INT64_MAX)
        return -1;
    ssize_t got;
    do {
        got = pread(f->fd, buf, n, (off_t)at);
    } while (got < 0 && errno == EINTR);
    return got;
}

void reel_close(struct reel *reel)
{
    if (reel == NULL)
        return;
    struct file *f = reel->source.read == file_read ? reel->source.self : NULL;
    if (f != NULL && f->fd >= 0)
        (void)close(f->fd);
    free(f);
    free(reel->asked);
    free(reel->places);
    free(reel->marks);
    free(reel);
}

/* Doubles the room of an array that is full. */
static void *more(void *items, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return items;
    *cap = *cap == 0 ? 16 : *cap * 2;
    return mem_realloc(items, *cap * size);
}

void reel_add_place(struct reel *reel, int64_t t, struct tape_place at)
{
    reel->places = more(reel->places, reel->nplaces, &reel->places_cap, sizeof(*reel->places));
    reel->places[reel->nplaces++] = (struct reel_place){t, at};
}

void reel_add_mark(struct reel *reel, const struct reel_mark *mark)
{
    if (reel->nmarks == REEL_MARKS_MAX)
        return;
    reel->marks = more(reel->marks, reel->nmarks, &reel->marks_cap, sizeof(*reel->marks));
    reel->marks[reel->nmarks++] = *mark;
}

const struct reel_place *reel_before(const struct reel *reel, int64_t t)
{
    static const struct reel_place nowhere;
    const struct reel_place *best = reel->nplaces > 0 ? &reel->places[0] : &nowhere;
    for (size_t i = 1; i < reel->nplaces && reel->places[i].t <= t; i++)
        best = &reel->places[i];
    return best;
}

const struct reel_place *reel_after(const struct reel *reel, int64_t t)
{
    size_t i = 0;
    while (i < reel->nplaces && reel->places[i].t <= t)
        i++;
    return i < reel->nplaces ? &reel->places[i] : NULL;
}

int64_t reel_change(const struct reel *reel, size_t pipeline, int64_t t, int direction)
{
    int64_t before = UNKNOWN;
    for (size_t i = 0; i < reel->nmarks; i++) {
        const struct reel_mark *m = &reel->marks[i];
        if (m->pipeline != pipeline || m->t < reel->first)
            continue;
        if (direction > 0 && m->t > t)
            return m->t;
        if (m->t < t)
            before = m->t;
    }
    return direction < 0 ? before : UNKNOWN;
}

void reel_damaged(struct reel *reel, const struct tape_place *at, int64_t last, const char *why)
{
    (void)snprintf(reel->damage, sizeof(reel->damage), "line %zu, byte %llu: %.200s", at->line,
                   (unsigned long long)at->byte, why);
    reel->last = last;
}

int64_t reel_t(const cJSON *line)
{
    const cJSON *t = json_get(line, "t");
    return cJSON_IsNumber(t) && t->valuedouble >= 0 && t->valuedouble <= (double)t_max
               ? (int64_t)t->valuedouble
               : -1;
}

size_t reel_pipeline(const struct reel *reel, const cJSON *line)
{
    const char *name = json_str(line, "pipeline", "");
    size_t i = 0;
    while (i < reel->config->npipelines && strcmp(reel->config->pipelines[i].name, name) != 0)
        i++;
    return i;
}

/* ---- from a file ----------------------------------------------------------------------------- */

static void note_verdict(struct reel *reel, const cJSON *line, int64_t t)
{
    const char *word = json_str(line, "verdict", "");
    struct reel_mark mark = {.t = t, .pipeline = reel_pipeline(reel, line)};
    for (int v = 0; v < VERDICT_COUNT; v++)
        if (strcmp(word, verdict_name((enum verdict)v)) == 0)
            mark.verdict = (enum verdict)v;
    (void)snprintf(mark.id, sizeof(mark.id), "%.15s", json_str(line, "headline", ""));
    if (mark.pipeline < reel->config->npipelines)
        reel_add_mark(reel, &mark);
}

/* Our own lines begin with {"t":N, and are not read any further here: their time is enough. Those
 * that say more to the index, and those of other writers, are read as a whole. */
static bool glance(const char *line, size_t len, int64_t *t)
{
    static const char begin[] = "{\"t\":";
    size_t at = sizeof(begin) - 1;
    int64_t v = 0;
    if (len < at + 2 || memcmp(line, begin, at) != 0 || line[at] < '0' || line[at] > '9')
        return false;
    for (; line[at] >= '0' && line[at] <= '9' && v <= t_max; at++)
        v = v * 10 + (line[at] - '0');
    *t = v;
    return v <= t_max && line[at] == ',' && line[len - 1] == '}' && strstr(line, "\"source\":\"");
}

static const char *index_line(struct reel *reel, const struct tape_place *at, const char *line,
                              size_t len, bool whole)
{
    int64_t t;
    if (!whole || !glance(line, len, &t)) {
        struct err err = ERR_INIT;
        cJSON *json = json_parse(line, len, &err);
        t = reel_t(json);
        if (t >= reel->last && json_bool(json, "checkpoint", false))
            reel_add_place(reel, t, *at);
        if (t >= reel->last && json_get(json, "verdict") != NULL)
            note_verdict(reel, json, t);
        bool object = cJSON_IsObject(json);
        cJSON_Delete(json);
        if (!object)
            return "this is no JSON object";
    }
    if (t < 0)
        return "no time, or an impossible one";
    if (t < reel->last)
        return "time goes back";
    reel->last = t;
    if (reel->first < 0)
        reel->first = t;
    return NULL;
}

/* Goes over all lines once. */
static void scan(struct reel *reel, struct tape *tape)
{
    const char *line;
    size_t len;
    bool whole;
    enum tape_got got;
    while ((got = tape_next(tape, &line, &len, &whole)) == TAPE_LINE) {
        struct tape_place at = tape_at(tape);
        if (reel->nplaces == 0)
            reel_add_place(reel, 0, at);
        const char *why = index_line(reel, &at, line, len, whole);
        if (why == NULL)
            continue;
        reel_damaged(reel, &at, reel->last, whole ? why : "cut off");
        return;
    }
    struct tape_place at = tape_at(tape);
    if (got == TAPE_DAMAGED)
        reel_damaged(reel, &at, reel->last, tape_why(tape));
}

static bool open_file(struct reel *reel, const char *path, struct err *err)
{
    struct stat st;
    struct file *f = mem_alloc(sizeof(*f));
    f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    reel->source = (struct tape_source){file_read, f};
    if (f->fd < 0 || fstat(f->fd, &st) != 0)
        return err_set(err, ERR_IO, errno, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode)) /* it is read here and there, and more than once */
        return err_set(err, ERR_IO, 0, "not a plain file");
    return true;
}

static bool load(struct reel *reel, struct config *config, struct tape *tape, struct err *err)
{
    const char *line;
    size_t len;
    bool whole;
    if (tape_next(tape, &line, &len, &whole) != TAPE_LINE)
        return err_set(err, ERR_PROTOCOL, 0, "%s",
                       tape_why(tape)[0] != '\0' ? tape_why(tape) : "the file is empty");
    cJSON *head = json_parse(line, len, err);
    bool ok = head != NULL && reel_read_head(reel, config, head, err);
    cJSON_Delete(head);
    if (!ok)
        return false;
    scan(reel, tape);
    if (reel->first < 0)
        return err_set(err, ERR_PROTOCOL, 0, "%s",
                       reel->damage[0] != '\0' ? reel->damage : "nothing was recorded");
    reel->places[0].t = reel->first;
    return true;
}

struct reel *reel_open(const char *path, struct config *config, struct err *err)
{
    struct reel *reel = mem_alloc(sizeof(*reel));
    reel->config = config;
    reel->first = -1;
    bool ok = open_file(reel, path, err);
    struct tape *tape = ok ? tape_new(reel->source) : NULL;
    ok = ok && load(reel, config, tape, err);
    tape_free(tape);
    if (ok)
        return reel;
    (void)err_wrap(err, "%s", path);
    reel_close(reel);
    return NULL;
}
