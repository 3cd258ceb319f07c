/* hash.h: FNV-1a, to tell texts apart; no secret rests on it.
 *
 * Begin with HASH_START and go on over as many pieces as there are.
 */
#ifndef CDCTOP_BASE_HASH_H
#define CDCTOP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START UINT64_C(14695981039346656037)

static inline uint64_t hash_more(uint64_t hash, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)s[i]) * UINT64_C(1099511628211);
    return hash;
}

static inline uint64_t hash_text(uint64_t hash, const char *s)
{
    for (; *s != '\0'; s++)
        hash = hash_more(hash, s, 1);
    return hash;
}

/* For who needs a value that stands for "none". */
static inline uint64_t hash_not_0(uint64_t hash)
{
    return hash != 0 ? hash : 1;
}

#endif
