/* Signing against a second implementation, written from the description of Signature Version 4 with
 * streams, arrays and other functions of libcrypto. Lines of the input: path, query, host, then
 * headers as "name:value"; an 's' before the path makes it S3's. */
#include "net/sigv4.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 12, PARTS = 200, INPUT_MAX = 4096, FIRST_HEADER = 3 };

#define DATE   "20260314T015926Z"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN  "token with  blanks/+=="
#define DIGEST "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct pair {
    char *name, *value;
};

static char *finish(FILE *f, char **text)
{
    (void)fclose(f);
    return *text;
}

static void put_encoded(FILE *f, int byte)
{
    if (isalnum(byte) || byte == '-' || byte == '.' || byte == '_' || byte == '~')
        (void)fputc(byte, f);
    else
        (void)fprintf(f, "%%%02X", (unsigned)byte);
}

static char *encode(const char *text, size_t len, bool decode_first)
{
    char *out = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&out, &n);
    for (size_t i = 0; i < len; i++) {
        int byte = (unsigned char)text[i];
        char digits[3] = {0};
        if (decode_first && byte == '%' && len - i > 2 && isxdigit((unsigned char)text[i + 1]) &&
            isxdigit((unsigned char)text[i + 2])) {
            memcpy(digits, text + i + 1, 2);
            int decoded = (int)strtol(digits, NULL, 16);
            if (decoded != 0) { /* which no C string can hold */
                byte = decoded;
                i += 2;
            }
        }
        put_encoded(f, byte);
    }
    return finish(f, &out);
}

static void sort(struct pair *pairs, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t k = i; k > 0; k--) {
            int d = strcmp(pairs[k - 1].name, pairs[k].name);
            if (d < 0 || (d == 0 && strcmp(pairs[k - 1].value, pairs[k].value) <= 0))
                break;
            struct pair swap = pairs[k];
            pairs[k] = pairs[k - 1];
            pairs[k - 1] = swap;
        }
    }
}

static void put_path(FILE *f, const char *path)
{
    const char *stack[PARTS];
    size_t depth = 0;
    char *copy = strdup(path), *rest = copy, *part;
    while ((part = strsep(&rest, "/")) != NULL) {
        if (part[0] == '\0' || strcmp(part, ".") == 0)
            continue;
        if (strcmp(part, "..") != 0)
            stack[depth++] = part;
        else if (depth > 0)
            depth--;
    }
    for (size_t i = 0; i < depth; i++) {
        char *enc = encode(stack[i], strlen(stack[i]), false);
        (void)fprintf(f, "/%s", enc);
        free(enc);
    }
    if (depth == 0 || path[strlen(path) - 1] == '/')
        (void)fputc('/', f);
    free(copy);
}

static void put_query(FILE *f, const char *query)
{
    struct pair pairs[PARTS];
    size_t n = 0;
    char *copy = strdup(query), *rest = copy, *part;
    while ((part = strsep(&rest, "&")) != NULL) {
        char *value = part, *name = strsep(&value, "=");
        if (name[0] == '\0' && value == NULL)
            continue;
        value = value != NULL ? value : name + strlen(name);
        pairs[n++] =
            (struct pair){encode(name, strlen(name), true), encode(value, strlen(value), true)};
    }
    sort(pairs, n);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(f, "%s%s=%s", i > 0 ? "&" : "", pairs[i].name, pairs[i].value);
        free(pairs[i].name);
        free(pairs[i].value);
    }
    free(copy);
}

static char *lower(const char *text)
{
    char *copy = strdup(text);
    for (char *c = copy; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

static char *squeezed(const char *text)
{
    char *out = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&out, &n);
    char *copy = strdup(text), *rest = copy, *word;
    bool any = false;
    while ((word = strsep(&rest, " \t")) != NULL) {
        if (word[0] != '\0') {
            (void)fprintf(f, "%s%s", any ? " " : "", word);
            any = true;
        }
    }
    free(copy);
    return finish(f, &out);
}

static size_t add(struct pair *pairs, size_t n, const char *name, const char *value)
{
    char *low = lower(name);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(pairs[i].name, low) == 0) {
            free(low);
            return n; /* the first one counts */
        }
    }
    pairs[n] = (struct pair){low, squeezed(value)};
    return n + 1;
}

static char *canonical(const struct sigv4_request *r)
{
    struct pair pairs[LINES + 4];
    size_t n = 0, len = 0;
    char *out = NULL;
    FILE *f = open_memstream(&out, &len);
    bool s3 = strcmp(r->service, "s3") == 0;
    (void)fprintf(f, "%s\n", r->method);
    if (s3)
        (void)fputs(r->path[0] != '\0' ? r->path : "/", f);
    else
        put_path(f, r->path[0] != '\0' ? r->path : "/");
    (void)fputc('\n', f);
    put_query(f, r->query);
    (void)fputc('\n', f);
    n = add(pairs, n, "host", r->host);
    n = add(pairs, n, "x-amz-date", DATE);
    n = add(pairs, n, "x-amz-security-token", TOKEN);
    if (s3)
        n = add(pairs, n, "x-amz-content-sha256", DIGEST);
    for (size_t i = 0; i < r->nheaders; i++)
        n = add(pairs, n, r->headers[i].name, r->headers[i].value);
    sort(pairs, n);
    for (size_t i = 0; i < n; i++)
        (void)fprintf(f, "%s:%s\n", pairs[i].name, pairs[i].value);
    (void)fputc('\n', f);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(f, "%s%s", i > 0 ? ";" : "", pairs[i].name);
        free(pairs[i].name);
        free(pairs[i].value);
    }
    (void)fprintf(f, "\n%s", DIGEST);
    return finish(f, &out);
}

static void keyed(unsigned char key[32], size_t key_len, const char *text)
{
    unsigned char in[64];
    size_t n = 0;
    memcpy(in, key, key_len);
    if (EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, in, key_len, (const unsigned char *)text,
                  strlen(text), key, 32, &n) == NULL)
        abort();
}

static void to_hex(const unsigned char digest[32], char out[65])
{
    for (int i = 0; i < 32; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", digest[i]);
}

static void signature(const struct sigv4_request *r, const char *canon, char out[65])
{
    unsigned char key[64] = "AWS4" SECRET, digest[32];
    char hex[65], text[512];
    size_t n = 0;
    if (EVP_Q_digest(NULL, "SHA256", NULL, canon, strlen(canon), digest, &n) != 1)
        abort();
    to_hex(digest, hex);
    (void)snprintf(text, sizeof(text), "AWS4-HMAC-SHA256\n%s\n%.8s/%s/%s/aws4_request\n%s", DATE,
                   DATE, r->region, r->service, hex);
    keyed(key, strlen("AWS4" SECRET), "20260314");
    keyed(key, 32, r->region);
    keyed(key, 32, r->service);
    keyed(key, 32, "aws4_request");
    keyed(key, 32, text);
    to_hex(key, out);
}

static void compare(const struct sigv4_request *req)
{
    struct aws_credentials creds = {.access_key_id = (char[]){"AKIDEXAMPLE"},
                                    .secret_access_key = (char[]){SECRET},
                                    .session_token = (char[]){TOKEN}};
    struct sigv4_result result;
    struct err err = ERR_INIT;
    if (!sigv4_sign(req, &creds, &result, &err))
        abort();
    char *expected = canonical(req), hex[65];
    signature(req, expected, hex);
    if (strcmp(expected, result.canonical_request.text) != 0 ||
        strcmp(hex, result.signature) != 0) {
        (void)fprintf(stderr, "expected:\n%s\nsigned:\n%s\n", expected,
                      result.canonical_request.text);
        abort();
    }
    free(expected);
    sigv4_result_free(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[INPUT_MAX + 1], *rest = text;
    const char *lines[LINES] = {"", "", "", ""};
    struct sigv4_header headers[LINES];
    size_t n = 0, nheaders = 0, parts = 0;
    if (size > INPUT_MAX)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    for (const char *c = text; *c != '\0'; c++)
        parts += *c == '/' || *c == '&';
    if (parts >= PARTS - 1)
        return 0;
    while (n < LINES && rest != NULL)
        lines[n++] = strsep(&rest, "\n");
    for (size_t i = FIRST_HEADER; i < n; i++) {
        char *value = strchr(lines[i], ':');
        if (value == NULL)
            continue;
        *value = '\0';
        headers[nheaders++] = (struct sigv4_header){lines[i], value + 1};
    }
    bool s3 = lines[0][0] == 's';
    compare(&(struct sigv4_request){.method = "GET",
                                    .host = lines[2],
                                    .path = lines[0] + (s3 ? 1 : 0),
                                    .query = lines[1],
                                    .headers = headers,
                                    .nheaders = nheaders,
                                    .payload_sha256 = DIGEST,
                                    .region = "eu-west-3",
                                    .service = s3 ? "s3" : "kafkaconnect",
                                    .time_ms = INT64_C(1773453566000)});
    return 0;
}
