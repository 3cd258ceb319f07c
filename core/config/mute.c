/* Reading a mute as a person writes it. */
#include "config/mute.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* YYYY-MM-DD[THH:MM]Z; a day alone ends with its first moment. */
static bool read_until(const char *text, int64_t *out)
{
    struct tm tm = {.tm_isdst = 0};
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    if (end != NULL && *end == 'T')
        end = strptime(end, "T%H:%M", &tm);
    if (end != NULL && *end == 'Z')
        end++;
    if (end == NULL || *end != '\0')
        return false;
    *out = (int64_t)timegm(&tm) * 1000;
    return true;
}

const char *mute_parse(const char *text, struct mute *mute)
{
    char head[sizeof(mute->rule) + sizeof(mute->object) + 40];
    const char *colon = strstr(text, ": ");
    *mute = (struct mute){.until_wall_ms = INT64_MAX};
    if (colon == NULL || colon[2] == '\0')
        return "a reason is missing: RULE[ OBJECT][ until YYYY-MM-DD]: REASON";
    if ((size_t)(colon - text) >= sizeof(head))
        return "too long";
    (void)snprintf(head, sizeof(head), "%.*s", (int)(colon - text), text);
    (void)snprintf(mute->reason, sizeof(mute->reason), "%s", colon + 2);
    char *until = strstr(head, " until ");
    if (until != NULL) {
        *until = '\0';
        if (!read_until(until + 7, &mute->until_wall_ms))
            return "the time is not YYYY-MM-DD or YYYY-MM-DDTHH:MMZ";
    }
    size_t id = strcspn(head, " ");
    if (id >= sizeof(mute->rule))
        return "there is no such rule";
    memcpy(mute->rule, head, id);
    (void)snprintf(mute->object, sizeof(mute->object), "%s", head[id] == ' ' ? head + id + 1 : "");
    return id == 0 ? "a rule is missing, such as P21" : NULL;
}
