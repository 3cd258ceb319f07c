/* json_item.h: what the program's JSON says of one thing. */
#ifndef CDCTOP_TESTS_JSON_ITEM_H
#define CDCTOP_TESTS_JSON_ITEM_H

#include "base/json.h"

/* The element whose text `key` is that, of the array that is root's member; of root itself where
 * `array` is NULL. NULL: there is none. */
const cJSON *json_item(const cJSON *root, const char *array, const char *key, const char *is);

#endif
