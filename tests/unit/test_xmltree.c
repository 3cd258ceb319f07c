/* XML answers as a tree: what is found at a path, and answers that no service should give. */
#include "base/mem.h"
#include "base/strbuf.h"
#include "net/xmltree.h"
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

static const char instances[] =
    "<?xml version=\"1.0\"?>\n"
    "<DescribeDBInstancesResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\n"
    "  <DescribeDBInstancesResult>\n"
    "    <Marker>next &amp; more</Marker>\n"
    "    <DBInstances>\n"
    "      <DBInstance><DBInstanceIdentifier>orders</DBInstanceIdentifier>\n"
    "        <Endpoint><Address>orders.x.rds.amazonaws.com</Address><Port>5432</Port></Endpoint>\n"
    "        <MultiAZ>true</MultiAZ><AllocatedStorage/>\n"
    "        <InstanceCreateTime>2026-03-14T01:59:26.535Z</InstanceCreateTime></DBInstance>\n"
    "      <Other/>\n"
    "      <DBInstance><DBInstanceIdentifier>two</DBInstanceIdentifier>\n"
    "        <MultiAZ>false</MultiAZ></DBInstance>\n"
    "    </DBInstances>\n"
    "  </DescribeDBInstancesResult>\n"
    "  <ns:ResponseMetadata xmlns:ns=\"x\"><RequestId>r-1</RequestId></ns:ResponseMetadata>\n"
    "</DescribeDBInstancesResponse>\n";

static void test_values_are_found_by_their_path(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct err err = ERR_INIT;
    const struct xmlnode *root = xmltree_read(instances, strlen(instances), a, &err);
    assert_non_null(root);
    assert_string_equal(root->name, "DescribeDBInstancesResponse");
    const struct xmlnode *result = xmltree_find(root, "DescribeDBInstancesResult");
    assert_string_equal(xmltree_text(result, "Marker", NULL), "next & more");
    const struct xmlnode *one = xmltree_find(result, "DBInstances/DBInstance");
    assert_string_equal(xmltree_text(one, "DBInstanceIdentifier", ""), "orders");
    assert_int_equal(xmltree_int(one, "Endpoint/Port"), 5432);
    assert_int_equal(xmltree_tri(one, "MultiAZ"), TRI_YES);
    assert_int_equal(xmltree_time(one, "InstanceCreateTime"), INT64_C(1773453566535));
    const struct xmlnode *two = xmltree_next(one);
    assert_string_equal(xmltree_text(two, "DBInstanceIdentifier", ""), "two");
    assert_int_equal(xmltree_tri(two, "MultiAZ"), TRI_NO);
    assert_null(xmltree_next(two));
    assert_string_equal(xmltree_text(root, "ResponseMetadata/RequestId", ""), "r-1");
    arena_free(a);
}

static void test_what_is_absent_is_unknown(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct xmlnode *root = xmltree_read(instances, strlen(instances), a, NULL);
    const struct xmlnode *one =
        xmltree_find(root, "DescribeDBInstancesResult/DBInstances/DBInstance");
    assert_null(xmltree_text(one, "DBClusterIdentifier", NULL));
    assert_null(xmltree_text(one, "Endpoint/Address/Deeper", NULL));
    assert_null(xmltree_text(one, "DBInstance", NULL)); /* a prefix of a name is another name */
    assert_null(xmltree_text(one, "AllocatedStorage", NULL));
    assert_true(xmltree_int(one, "AllocatedStorage") == UNKNOWN);
    assert_true(xmltree_int(one, "Endpoint/Address") == UNKNOWN);
    assert_int_equal(xmltree_tri(one, "Endpoint"), TRI_UNKNOWN);
    assert_true(xmltree_time(one, "MultiAZ") == UNKNOWN);
    assert_null(xmltree_next(NULL));
    assert_null(xmltree_find(NULL, "A/B"));
    arena_free(a);
}

static void refuses(const char *body, size_t len, enum err_kind kind)
{
    struct arena *a = arena_new();
    struct err err = ERR_INIT;
    assert_null(xmltree_read(body, len, a, &err));
    assert_int_equal(err.kind, kind);
    assert_true(err.text[0] != '\0');
    arena_free(a);
}

static void test_a_cut_answer_is_no_answer(void **state)
{
    (void)state;
    size_t end = strlen(instances) - 1; /* all but the last line break is needed */
    for (size_t n = 0; n < end; n++)
        refuses(instances, n, ERR_PROTOCOL);
}

static void test_what_no_service_sends_is_refused(void **state)
{
    (void)state;
    static const char bomb[] = "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>";
    static const char html[] = "<html><body><br>502 Bad Gateway</body></html>";
    refuses(bomb, sizeof(bomb) - 1, ERR_PROTOCOL);
    refuses(html, sizeof(html) - 1, ERR_PROTOCOL);
    refuses("{}", 2, ERR_PROTOCOL);
    refuses("", XMLTREE_MAX_BYTES + (size_t)1, ERR_TOOBIG);
    struct strbuf sb;
    strbuf_init(&sb, 1 << 20);
    for (int i = 0; i <= XMLTREE_MAX_DEPTH; i++)
        strbuf_puts(&sb, "<a>");
    refuses(sb.text, sb.len, ERR_PROTOCOL);
    strbuf_reset(&sb);
    strbuf_puts(&sb, "<a>");
    for (int i = 0; i < XMLTREE_MAX_NODES; i++)
        strbuf_puts(&sb, "<b/>");
    strbuf_puts(&sb, "</a>");
    refuses(sb.text, sb.len, ERR_TOOBIG);
    strbuf_free(&sb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_found_by_their_path),
        cmocka_unit_test(test_what_is_absent_is_unknown),
        cmocka_unit_test(test_a_cut_answer_is_no_answer),
        cmocka_unit_test(test_what_no_service_sends_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
