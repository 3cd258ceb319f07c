/* The shared files of the AWS CLI fed with anything, as config and as credentials. */
#include "aws/profile.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct profiles *p, const char *name)
{
    static const char *const keys[] = {"region", "role_arn", "services", "aws_access_key_id", "s3"};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *value = profiles_get(p, name, keys[i]);
        if (value != NULL && (value[0] == '\0' || !profiles_has(p, name)))
            abort(); /* an empty value, or one of nobody */
        (void)profiles_service(p, value != NULL ? value : name, "s3", "endpoint_url");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct profiles *p = profiles_new();
    size_t half = size / 2;
    struct err err = ERR_INIT;
    bool ok = profiles_add(p, "config", (const char *)data, half, false, &err) &&
              profiles_add(p, "credentials", (const char *)data + half, size - half, true, &err);
    if (!ok && err.kind == ERR_NONE)
        abort(); /* refused without a word */
    look(p, "default");
    look(p, "prod");
    profiles_free(p);
    return 0;
}
