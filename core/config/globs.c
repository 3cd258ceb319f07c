#include "config/globs.h"

#include <fnmatch.h>

bool globs_match(const struct strlist *globs, const char *name, bool others)
{
    bool any = false, in = false;
    for (size_t i = 0; globs != NULL && i < globs->count; i++) {
        const char *glob = globs->items[i];
        bool out = glob[0] == '!';
        bool fits = fnmatch(out ? glob + 1 : glob, name, 0) == 0;
        if (out && fits)
            return false;
        any = any || !out;
        in = in || fits;
    }
    return any ? in : others;
}
