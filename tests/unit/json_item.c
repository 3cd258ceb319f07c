#include "tests/unit/json_item.h"

#include <string.h>

const cJSON *json_item(const cJSON *root, const char *array, const char *key, const char *is)
{
    const cJSON *items = array != NULL ? json_get(root, array) : root;
    const cJSON *item;
    cJSON_ArrayForEach(item, items)
    {
        if (strcmp(json_str(item, key, ""), is) == 0)
            return item;
    }
    return NULL;
}
