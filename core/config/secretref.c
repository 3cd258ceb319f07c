#include "config/secretref.h"

#include "base/hex.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* "${secret:" and "}", as they are and as a URL has them. */
static const struct {
    const char *open, *close;
    bool encoded;
} forms[] = {
    {"${secret:",       "}",   false},
    {"%24%7Bsecret%3A", "%7D", true },
};

const char *secretref_bad(const char *inner)
{
    size_t name = strcspn(inner, "#");
    const char *key = inner + name;
    if (name == 0)
        return "the name of the secret is missing";
    if (name > SECRETREF_NAME || strlen(key) > SECRETREF_KEY)
        return "it is too long";
    for (size_t i = 0; i < name; i++) {
        if (!isalnum((unsigned char)inner[i]) && strchr("/_+=.@-:!", inner[i]) == NULL)
            return "a secret's name has only letters, digits and /_+=.@-!, its ARN also colons";
    }
    if (strcmp(key, "#") == 0)
        return "nothing stands behind the #: it must be a member of the secret's JSON text";
    for (const char *p = key; *p != '\0'; p++) {
        if (!isgraph((unsigned char)*p) || strchr("\\'\"{}", *p) != NULL)
            return "the member behind the # must be a plain word";
    }
    return NULL;
}

/* False: it does not fit, which no reference of ours does. */
static bool decode(const char *s, size_t n, bool encoded, char *out, size_t size)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (len + 1 >= size)
            return false;
        if (encoded && s[i] == '%' && i + 2 < n && hex_digit(s[i + 1]) >= 0 &&
            hex_digit(s[i + 2]) >= 0) {
            out[len++] = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
            i += 2;
        } else {
            out[len++] = s[i];
        }
    }
    out[len] = '\0';
    return true;
}

static bool read_form(const char *text, size_t form, struct secretref *ref)
{
    char inner[SECRETREF_NAME + SECRETREF_KEY + 2] = "";
    size_t open = strlen(forms[form].open), close = strlen(forms[form].close);
    for (const char *at = strstr(text, forms[form].open); at != NULL;
         at = strstr(at + open, forms[form].open)) {
        const char *end = strstr(at + open, forms[form].close);
        if (end == NULL)
            return false;
        if (!decode(at + open, (size_t)(end - at) - open, forms[form].encoded, inner,
                    sizeof(inner)) ||
            secretref_bad(inner) != NULL)
            continue;
        ref->at = at;
        ref->len = (size_t)(end - at) + close;
        size_t name = strcspn(inner, "#");
        (void)snprintf(ref->name, sizeof(ref->name), "%.*s", (int)name, inner);
        (void)snprintf(ref->key, sizeof(ref->key), "%s",
                       inner[name] == '#' ? inner + name + 1 : "");
        return true;
    }
    return false;
}

bool secretref_next(const char *text, struct secretref *ref)
{
    struct secretref other;
    bool found = read_form(text, 0, ref);
    if (read_form(text, 1, &other) && (!found || other.at < ref->at)) {
        *ref = other;
        found = true;
    }
    return found;
}

bool secretref_whole(const char *text)
{
    struct secretref ref;
    return text != NULL && secretref_next(text, &ref) && ref.at == text && ref.len == strlen(text);
}
