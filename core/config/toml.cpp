/* toml.cpp: the parser library behind toml.h. The one C++ file; no exception leaves it. */
#define TOML_EXCEPTIONS  0
#define TOML_HEADER_ONLY 1
#include "config/toml.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string_view>
#include <toml++/toml.h>

/* Foreign text is checked before it is parsed: the library builds and destroys nested tables by
 * recursion, so that one line of a million "a.a.a." would exhaust the stack. Dots in strings and
 * comments count too: telling them apart would need the parser. */
static bool toml_too_nested(std::string_view text)
{
    return std::count(text.begin(), text.end(), '.') > TOML_MAX_DOTS;
}

static bool toml_fail(struct toml_error *error, const toml::source_position &at, const char *text)
{
    error->line = static_cast<int>(at.line);
    error->column = static_cast<int>(at.column);
    (void)std::snprintf(error->text, sizeof(error->text), "%s", text);
    return false;
}

static void *toml_allocate(size_t count, size_t size)
{
    void *p = std::calloc(count != 0 ? count : 1, size);
    if (p == nullptr)
        throw std::bad_alloc();
    return p;
}

static char *toml_copy(std::string_view s)
{
    char *copy = static_cast<char *>(toml_allocate(s.size() + 1, 1));
    std::memcpy(copy, s.data(), s.size());
    return copy;
}

static bool toml_convert(const toml::node &from, struct toml_node *to, int depth,
                         struct toml_error *error);

static bool toml_convert_table(const toml::table &table, struct toml_node *to, int depth,
                               struct toml_error *error)
{
    to->kind = TOML_TABLE;
    to->items =
        static_cast<struct toml_node *>(toml_allocate(table.size(), sizeof(struct toml_node)));
    for (const auto &pair : table) {
        struct toml_node *item = &to->items[to->count++];
        const toml::key &key = pair.first;
        if (key.str().find('\0') != std::string_view::npos)
            return toml_fail(error, key.source().begin, "a key must not contain a NUL character");
        item->key = toml_copy(key.str());
        item->key_line = static_cast<int>(key.source().begin.line);
        item->key_column = static_cast<int>(key.source().begin.column);
        if (!toml_convert(pair.second, item, depth, error))
            return false;
    }
    std::sort(
        to->items, to->items + to->count, [](const struct toml_node &a, const struct toml_node &b) {
            return a.key_line != b.key_line ? a.key_line < b.key_line : a.key_column < b.key_column;
        });
    return true;
}

static bool toml_convert_array(const toml::array &array, struct toml_node *to, int depth,
                               struct toml_error *error)
{
    to->kind = TOML_ARRAY;
    to->items =
        static_cast<struct toml_node *>(toml_allocate(array.size(), sizeof(struct toml_node)));
    for (const toml::node &node : array) {
        if (!toml_convert(node, &to->items[to->count++], depth, error))
            return false;
    }
    return true;
}

static bool toml_convert(const toml::node &from, struct toml_node *to, int depth,
                         struct toml_error *error)
{
    const toml::source_position at = from.source().begin;
    to->line = static_cast<int>(at.line);
    to->column = static_cast<int>(at.column);
    if (to->key_line == 0) {
        to->key_line = to->line;
        to->key_column = to->column;
    }
    if (depth > TOML_MAX_DEPTH)
        return toml_fail(error, at, "nested too deeply");
    if (const toml::table *table = from.as_table())
        return toml_convert_table(*table, to, depth + 1, error);
    if (const toml::array *array = from.as_array())
        return toml_convert_array(*array, to, depth + 1, error);
    if (const auto *string = from.as_string()) {
        to->kind = TOML_STRING;
        if (string->get().find('\0') != std::string::npos)
            return toml_fail(error, at, "a string must not contain a NUL character");
        to->string = toml_copy(string->get());
    } else if (const auto *integer = from.as_integer()) {
        to->kind = TOML_INTEGER;
        to->integer = integer->get();
    } else if (const auto *real = from.as_floating_point()) {
        to->kind = TOML_FLOAT;
        to->real = real->get();
    } else if (const auto *boolean = from.as_boolean()) {
        to->kind = TOML_BOOLEAN;
        to->boolean = boolean->get();
    } else {
        to->kind = TOML_TIME;
    }
    return true;
}

static struct toml_node *toml_parse_inner(std::string_view text, struct toml_error *error)
{
    toml::parse_result result = toml::parse(text);
    if (!result) {
        const toml::parse_error &bad = result.error();
        const std::string what(bad.description());
        toml_fail(error, bad.source().begin, what.c_str());
        return nullptr;
    }
    auto *root = static_cast<struct toml_node *>(toml_allocate(1, sizeof(struct toml_node)));
    bool ok = false;
    try {
        ok = toml_convert(result.table(), root, 0, error);
    } catch (...) {
        toml_free(root);
        throw;
    }
    if (ok)
        return root;
    toml_free(root);
    return nullptr;
}

extern "C" struct toml_node *toml_parse_text(const char *text, size_t n, struct toml_error *error)
{
    const toml::source_position start{1, 1};
    if (n > TOML_MAX_BYTES) {
        toml_fail(error, start, "the file is larger than 1 MB");
        return nullptr;
    }
    if (toml_too_nested(std::string_view(text, n))) {
        toml_fail(error, start, "nested too deeply: too many dotted keys");
        return nullptr;
    }
    try {
        return toml_parse_inner(std::string_view(text, n), error);
    } catch (const std::exception &) {
        toml_fail(error, start, "out of memory while reading the file");
    } catch (...) {
        toml_fail(error, start, "the parser gave up");
    }
    return nullptr;
}

static void toml_free_inside(struct toml_node *node)
{
    for (size_t i = 0; i < node->count; i++)
        toml_free_inside(&node->items[i]);
    std::free(node->items);
    std::free(node->key);
    if (node->string != nullptr) {
        explicit_bzero(node->string, std::strlen(node->string));
        std::free(node->string);
    }
}

extern "C" void toml_free(struct toml_node *root)
{
    if (root == nullptr)
        return;
    toml_free_inside(root);
    std::free(root);
}

extern "C" const struct toml_node *toml_get(const struct toml_node *table, const char *key)
{
    for (size_t i = 0; table != nullptr && i < table->count; i++) {
        if (table->items[i].key != nullptr && std::strcmp(table->items[i].key, key) == 0)
            return &table->items[i];
    }
    return nullptr;
}
