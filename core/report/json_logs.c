#include "report/json_logs.h"

#include "report/json_put.h"

static void add_event(cJSON *events, const struct log_event *e)
{
    cJSON *o = json_put_item(events);
    cJSON_AddStringToObject(o, "what", log_kind_name(e->kind));
    json_put_int(o, "task", e->task >= 0 ? e->task : UNKNOWN);
    json_put_time(o, "time", e->at_ms);
    json_put_str(o, "cause", e->cause);
    json_put_str(o, "text", e->text);
}

void json_logs_add(cJSON *root, const struct world *world, size_t index)
{
    const struct snapshot *snap = world_snap(world, index, SOURCE_LOGS);
    cJSON *list = cJSON_AddArrayToObject(root, "logs");
    for (size_t i = 0; snap != NULL && i < snap->logs.ntails; i++) {
        const struct log_tail *t = &snap->logs.tails[i];
        cJSON *o = json_put_item(list);
        cJSON_AddStringToObject(o, "connector", t->connector);
        cJSON_AddStringToObject(o, "service",
                                source_kind_name(service_source((enum connect_service)t->service)));
        cJSON_AddStringToObject(o, "group", t->group);
        json_put_str(o, "stream", t->stream);
        json_put_time(o, "from", t->from_ms);
        json_put_time(o, "to", t->to_ms);
        json_put_str(o, "error", t->error);
        cJSON *events = cJSON_AddArrayToObject(o, "events");
        for (size_t k = 0; k < t->nevents; k++)
            add_event(events, &t->events[k]);
    }
}
