/* The shared files of the AWS CLI: what is in them, which of two wins, and that a broken one is
 * said without a word of it. */
#include "aws/profile.h"
#include "tests/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct profiles *read_texts(const char *config, const char *credentials)
{
    struct err err = ERR_INIT;
    struct profiles *p = profiles_new();
    if (!profiles_add(p, "config", config, strlen(config), false, &err) ||
        !profiles_add(p, "credentials", credentials, strlen(credentials), true, &err))
        fail_msg("%s", err.text);
    return p;
}

static void assert_value(const struct profiles *p, const char *name, const char *key,
                         const char *want)
{
    const char *value = profiles_get(p, name, key);
    if (want == NULL)
        assert_null(value);
    else
        assert_string_equal(value != NULL ? value : "(nothing)", want);
}

static void test_sections_keys_values(void **state)
{
    (void)state;
    struct profiles *p = read_texts("\xef\xbb\xbf# mine\r\n"
                                    "[default]\r\n"
                                    "region = eu-west-3\r\n"
                                    "output=json ; not ours\r\n"
                                    "\r\n"
                                    "[profile prod]   # the real one\n"
                                    "  Role_ARN : arn:aws:iam::123456789012:role/x\n"
                                    "  source_profile = default\n"
                                    "\tregion=us-east-1#1\n"
                                    "empty =\n"
                                    "[ profile \"two words\" ]\n"
                                    "region = r2\n"
                                    "[prod]\n"
                                    "region = not a profile in this file\n"
                                    "[sso-session corp]\n"
                                    "sso_region = us-east-1\n"
                                    "[profile bare]",
                                    "[prod]\naws_access_key_id = AKIAPROD\n");
    assert_value(p, "default", "region", "eu-west-3");
    assert_value(p, "default", "output", "json");
    assert_value(p, "prod", "role_arn", "arn:aws:iam::123456789012:role/x");
    assert_value(p, "prod", "source_profile", "default");
    assert_value(p, "prod", "region", "us-east-1#1");
    assert_value(p, "prod", "aws_access_key_id", "AKIAPROD");
    assert_value(p, "prod", "empty", NULL);
    assert_value(p, "two words", "region", "r2");
    assert_true(profiles_has(p, "bare"));
    assert_false(profiles_has(p, "corp"));
    assert_false(profiles_has(p, "Prod"));
    assert_value(p, "nobody", "region", NULL);
    profiles_free(p);
}

static void test_which_of_two_wins(void **state)
{
    (void)state;
    struct profiles *p = read_texts("[default]\nregion = plain\noutput = text\n"
                                    "[profile default]\nregion = prefixed\n"
                                    "[profile a]\naws_access_key_id = CONFIG\nregion = one\n"
                                    "[profile a]\nregion = two\n",
                                    "[a]\naws_access_key_id = CREDENTIALS\n"
                                    "[default]\naws_access_key_id = DEFAULT\n");
    assert_value(p, "default", "region", "prefixed");
    assert_value(p, "default", "output", NULL);
    assert_value(p, "default", "aws_access_key_id", "DEFAULT");
    assert_value(p, "a", "aws_access_key_id", "CREDENTIALS");
    assert_value(p, "a", "region", "two");
    profiles_free(p);
}

static void test_keys_below_keys(void **state)
{
    (void)state;
    struct profiles *p = read_texts("[profile p]\nservices = local\ns3 =\n  max_queue_size = 1000\n"
                                    "  addressing_style = path\nregion = after\n"
                                    "[services local]\n"
                                    "s3 =\n  endpoint_url = http://s3:1\n"
                                    "cloudwatch_logs =\n\tendpoint_url=http://logs:2\n"
                                    "kafka = http://goes-on\n  endpoint_url = http://no\n",
                                    "");
    assert_value(p, "p", "region", "after");
    assert_value(p, "p", "addressing_style", NULL); /* it stands below s3 */
    assert_string_equal(profiles_service(p, "local", "s3", "endpoint_url"), "http://s3:1");
    assert_string_equal(profiles_service(p, "local", "cloudwatch_logs", "endpoint_url"),
                        "http://logs:2");
    assert_null(profiles_service(p, "local", "kafka", "endpoint_url"));
    assert_null(profiles_service(p, "other", "s3", "endpoint_url"));
    profiles_free(p);
}

static void refused(const char *text, size_t n, const char *words)
{
    struct err err = ERR_INIT;
    struct profiles *p = profiles_new();
    assert_false(profiles_add(p, "config", text, n, false, &err));
    assert_int_equal(err.kind, ERR_CONFIG);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    assert_null(strstr(err.text, "hunter2"));
    profiles_free(p);
}

static void test_what_cannot_be_read_is_said_without_its_text(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "[default]\n\naws_secret_access_key hunter2\n",
        "[default]\n\n[hunter2\nkey = value\n",
        "\n\nhunter2 = before any section\n",
        "[default]\n\n= hunter2\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        refused(lines[i], strlen(lines[i]), "line 3");
    refused("[default]\nkey = \0hunter2", 24, "NUL byte");
    char *big = calloc(1, PROFILE_FILE_MAX + 1);
    memset(big, '#', PROFILE_FILE_MAX + 1);
    refused(big, PROFILE_FILE_MAX + 1, "larger than");
    for (int i = 0; i < PROFILE_FILE_MAX - 3; i += 4)
        memcpy(big + i, "[x]\n", 4);
    refused(big, PROFILE_FILE_MAX, "neither");
    free(big);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void test_the_files_are_where_the_environment_says_or_at_home(void **state)
{
    (void)state;
    char home[] = "/tmp/cdctop-profile-XXXXXX", path[100];
    struct err err = ERR_INIT;
    assert_non_null(mkdtemp(home));
    (void)setenv("HOME", home, 1);
    (void)unsetenv("AWS_CONFIG_FILE");
    (void)unsetenv("AWS_SHARED_CREDENTIALS_FILE");
    struct profiles *p = profiles_read(&err); /* neither is there: nobody is named */
    assert_non_null(p);
    assert_false(profiles_has(p, "default"));
    profiles_free(p);

    (void)snprintf(path, sizeof(path), "%s/.aws", home);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/.aws/config", home);
    write_file(path, "[default]\nregion = home\n");
    (void)snprintf(path, sizeof(path), "%s/elsewhere", home);
    write_file(path, "[default]\naws_access_key_id = AKIAELSEWHERE\n");
    (void)setenv("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere", 1);
    p = profiles_read(&err);
    assert_non_null(p);
    assert_value(p, "default", "region", "home");
    assert_value(p, "default", "aws_access_key_id", "AKIAELSEWHERE");
    profiles_free(p);

    (void)setenv("AWS_CONFIG_FILE", home, 1); /* a directory: there, and unreadable for all */
    assert_null(profiles_read(&err));
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, home));

    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/.aws/config", home);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/.aws", home);
    (void)rmdir(path);
    (void)rmdir(home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sections_keys_values),
        cmocka_unit_test(test_which_of_two_wins),
        cmocka_unit_test(test_keys_below_keys),
        cmocka_unit_test(test_what_cannot_be_read_is_said_without_its_text),
        cmocka_unit_test(test_the_files_are_where_the_environment_says_or_at_home),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
