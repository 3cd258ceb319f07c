/* sim_sink.c: a sink to S3: it reads its topics, keeps a file open for each partition, writes it
 * as an object when its rotation closes it, and commits what is written, nothing else. */
#include "demo/sim_int.h"

#include <math.h>
#include <string.h>

enum { START_MS = 1500, STORM_MS = 9 * 1000, STORM_BUSY_MS = 6 * 1000 };

#define FORBIDDEN                                                                             \
    "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request " \
    "ID: 4442587FB7D0A2F9; S3 Extended Request ID: cGxhY2U=; Proxy: null)"

static const struct sim_fault denied_fault = {
    "com.amazonaws.services.s3.model.AmazonS3Exception: " FORBIDDEN,
    "org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to "
    "unrecoverable exception.\n"
    "\tat "
    "org.apache.kafka.connect.runtime.WorkerSinkTask.deliverMessages(WorkerSinkTask.java:636)\n"
    "\tat org.apache.kafka.connect.runtime.WorkerSinkTask.poll(WorkerSinkTask.java:345)\n"
    "\tat org.apache.kafka.connect.runtime.WorkerSinkTask.iteration(WorkerSinkTask.java:247)\n"
    "\tat org.apache.kafka.connect.runtime.WorkerSinkTask.execute(WorkerSinkTask.java:216)\n"
    "\tat org.apache.kafka.connect.runtime.WorkerTask.doRun(WorkerTask.java:226)\n"
    "\tat java.base/java.lang.Thread.run(Thread.java:840)\n"
    "Caused by: org.apache.kafka.connect.errors.ConnectException: " FORBIDDEN "\n"
    "\tat io.confluent.connect.s3.util.S3ErrorUtils.throwConnectException(S3ErrorUtils.java:84)\n"
    "\tat io.confluent.connect.s3.TopicPartitionWriter.commitFiles(TopicPartitionWriter.java:901)\n"
    "\tat io.confluent.connect.s3.S3SinkTask.put(S3SinkTask.java:258)\n"
    "\t... 11 more\n"
    "Caused by: com.amazonaws.services.s3.model.AmazonS3Exception: " FORBIDDEN "\n"};

int sim_sink_running(const struct sim_sink *s)
{
    int n = 0;
    for (int i = 0; s->state == SIM_RUNNING && i < s->ntasks; i++)
        n += s->tasks[i].state == SIM_RUNNING;
    return n;
}

/* Members come or go: open files are dropped, and read again from what was committed. */
static void rebalance(struct sim *sim, struct sim_sink *s)
{
    for (int t = 0; t < s->ntopics; t++) {
        struct sim_topic *topic = &sim->topics[s->topics[t]];
        for (int p = 0; p < topic->nparts; p++) {
            topic->parts[p].position = topic->parts[p].committed;
            topic->parts[p].opened_ms = 0;
        }
    }
}

static void put_object(struct sim *sim, struct sim_topic *t, struct sim_part *part, int64_t records)
{
    struct sim_object *o = &t->objects[t->next];
    int64_t size = records * t->record;
    *o = (struct sim_object){.start = part->committed,
                             .records = records,
                             .size = size,
                             .time_ms = sim->now_ms,
                             .partition = (int32_t)(part - t->parts),
                             .hour = sim_hour(sim, part->opened_ms)};
    t->next = (t->next + 1) % SIM_OBJECTS;
    t->nobjects += t->nobjects < SIM_OBJECTS;
    t->seen++;
    t->seen_bytes += size;
    part->committed += records;
    part->opened_ms = part->position > part->committed ? sim->now_ms : 0;
}

/* Has the clock passed a border of this length since the last tick? */
static bool passed(const struct sim *sim, int64_t every_ms)
{
    int64_t wall = sim_wall(sim, sim->now_ms);
    return every_ms > 0 && wall / every_ms != (wall - SIM_TICK_MS) / every_ms;
}

/* False: S3 has refused it. fresh: records that were read just now. An hour ends when the first
 * record after it comes; until then its file stays open unless the clock closes it. */
static bool write_files(struct sim *sim, struct sim_sink *s, struct sim_topic *t,
                        struct sim_part *part, int64_t fresh)
{
    bool rotate = passed(sim, s->rotate_ms);
    int64_t flush = s->made->flush_size;
    for (;;) {
        int64_t n = part->position - part->committed;
        bool hour = !rotate && n < flush && fresh > 0 && n > fresh &&
                    sim_hour(sim, part->opened_ms) != sim_hour(sim, sim->now_ms);
        if (n <= 0 || (n < flush && !rotate && !hour))
            return true;
        if (s->denied)
            return false;
        put_object(sim, t, part, hour ? n - fresh : n < flush ? n : flush);
    }
}

static int64_t read_part(const struct sim *sim, struct sim_part *part, double ratio)
{
    int64_t waits = part->end - part->position;
    part->due_read += (double)waits * ratio;
    int64_t n = ratio >= 1 ? waits : (int64_t)floor(part->due_read);
    part->due_read = ratio >= 1 ? 0 : part->due_read - (double)n;
    n = n < waits ? n : waits;
    part->position += n;
    if (n > 0 && part->opened_ms == 0)
        part->opened_ms = sim->now_ms;
    return n;
}

static int64_t waiting(const struct sim *sim, const struct sim_sink *s)
{
    int64_t n = 0;
    for (int t = 0; t < s->ntopics; t++) {
        const struct sim_topic *topic = &sim->topics[s->topics[t]];
        for (int p = 0; p < topic->nparts; p++)
            n += topic->parts[p].end - topic->parts[p].position;
    }
    return n;
}

static void fail(struct sim *sim, struct sim_sink *s, int nth, const struct sim_fault *fault)
{
    for (int i = 0; i < s->ntasks; i++) {
        if (s->tasks[i].state != SIM_RUNNING || nth-- > 0)
            continue;
        s->tasks[i] = (struct sim_task){SIM_FAILED, sim->now_ms, fault};
        break;
    }
    rebalance(sim, s);
}

static void work(struct sim *sim, struct sim_sink *s, double dt)
{
    int running = sim_sink_running(s);
    int64_t waits = waiting(sim, s);
    double can = (double)s->made->capacity * running * dt;
    double ratio = (double)waits <= can ? 1 : can / (double)waits;
    int number = 0;
    for (int t = 0; running > 0 && t < s->ntopics; t++) {
        struct sim_topic *topic = &sim->topics[s->topics[t]];
        for (int p = 0; p < topic->nparts; p++, number++) {
            int64_t fresh = read_part(sim, &topic->parts[p], ratio);
            if (write_files(sim, s, topic, &topic->parts[p], fresh))
                continue;
            fail(sim, s, number % running, &denied_fault);
            return;
        }
    }
}

/* A member that is thrown out for being slow joins again, and all of them begin anew. */
static bool settled(struct sim *sim, struct sim_sink *s)
{
    if (s->storm && sim->now_ms >= s->settle_ms - STORM_BUSY_MS + STORM_MS)
        s->settle_ms = sim->now_ms + STORM_BUSY_MS;
    if (sim->now_ms >= s->settle_ms)
        return true;
    rebalance(sim, s);
    return false;
}

void sim_sink_tick(struct sim *sim, struct sim_sink *s, double dt)
{
    for (int i = 0; i < s->ntasks; i++) {
        if (s->tasks[i].state != SIM_RESTARTING || sim->now_ms - s->tasks[i].since_ms < START_MS)
            continue;
        s->tasks[i] = (struct sim_task){SIM_RUNNING, sim->now_ms, NULL};
        rebalance(sim, s);
    }
    if (s->state != SIM_RUNNING || sim->down[SOURCE_KAFKA] != NULL || !settled(sim, s))
        return;
    if (sim->down[SOURCE_S3] == NULL) /* it tries again and again, without a word */
        work(sim, s, dt);
}

void sim_sink_state(struct sim *sim, struct sim_sink *s, enum sim_state state)
{
    bool start = state == SIM_RUNNING && s->state != SIM_PAUSED;
    s->state = state;
    for (int i = 0; i < s->ntasks; i++)
        s->tasks[i] = (struct sim_task){start ? SIM_RESTARTING : state, sim->now_ms, NULL};
    if (start || state == SIM_STOPPED)
        rebalance(sim, s);
}
