/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "repair/java/java.h"

/* --- ranges --- */

static const struct range_case {
	const char *label, *range, *version;
	bool allowed;
} ranges[] = {
	{ "none", "", "1.0", true },
	{ "a version is the least", "1.0", "1.0", true },
	{ "a later one", "1.0", "2.0", true },
	{ "an earlier one", "1.1", "1.0", false },
	{ "only this one", "[1.0]", "1.0", true },
	{ "only this one, and another", "[1.0]", "1.0.1", false },
	{ "from", "[1.0,)", "1.0", true },
	{ "behind", "(1.0,)", "1.0", false },
	{ "up to", "(,2.0]", "2.0", true },
	{ "below", "(,2.0)", "2.0", false },
	{ "between", "[1.0,2.0)", "1.9.9", true },
	{ "not between", "[1.0,2.0)", "2.0", false },
	{ "of two sets the second", "(,1.0],[1.2,)", "1.3", true },
	{ "of two sets none", "(,1.0],[1.2,)", "1.1", false },
	{ "spaces", " [ 1.0 , 2.0 ) ", "1.5", true },
	{ "no end", "[1.0,2.0", "1.5", false },
	{ "no begin", "1.0,2.0)", "1.5", false },
	{ "one that is open", "(1.0)", "1.0", false },
	{ "one that is half open", "[1.0)", "1.0", false },
	{ "nothing in it", "[]", "1.0", false },
	{ "three bounds", "[1.0,2.0,3.0]", "1.5", false },
	{ "upside down", "[2.0,1.0]", "1.5", false },
	{ "something behind", "[1.0,2.0]x", "1.5", false },
};

static void range(void **state)
{
	const struct range_case *t = *state;
	assert_int_equal(repair_java_allows(hm_cstr(t->range), hm_cstr(t->version)), t->allowed);
}

/* --- which may follow --- */

static const struct follow_case {
	const char *label, *from, *to;
	bool may;
} follows[] = {
	{ "later", "2.12.3", "2.17.1", true },
	{ "the same", "2.12.3", "2.12.3", false },
	{ "earlier", "2.12.3", "2.12.2", false },
	{ "final behind final", "5.0.1.Final", "5.0.2.Final", true },
	{ "final behind none", "5.0.1", "5.0.2.RELEASE", true },
	{ "a candidate", "1.0", "1.1-rc1", false },
	{ "a milestone", "1.0", "2.0-M1", false },
	{ "a snapshot", "1.0", "1.1-SNAPSHOT", false },
	{ "early behind early", "1.0-beta1", "1.0-beta2", true },
	{ "final behind early", "1.0-beta1", "1.0", true },
	{ "of its kind", "31.0-jre", "31.1-jre", true },
	{ "of another kind", "31.0-jre", "31.1-android", false },
	{ "of no kind", "31.0-jre", "32.0", false },
	{ "of a kind behind none", "31.0", "32.0-jre", false },
	{ "of another Java", "12.4.0.jre8", "12.4.2.jre11", false },
	{ "no version", "1.0", "latest", false },
	{ "nothing", "1.0", "", false },
};

static void follow(void **state)
{
	const struct follow_case *t = *state;
	assert_int_equal(repair_java_may_follow(hm_cstr(t->from), hm_cstr(t->to)), t->may);
}

/* --- names of jars in a text --- */

static const struct name_case {
	const char *label, *text, *old, *now;
	bool named;
} names[] = {
	{ "a path", "-cp /app/lib/x-1.jar:/y", "x-1.jar", "x-2.jar", true },
	{ "in quotes", "- \"BOOT-INF/lib/x-1.jar\"", "x-1.jar", "x-2.jar", true },
	{ "alone", "x-1.jar", "x-1.jar", "x-2.jar", true },
	{ "the second", "a.jar b.jar x-1.jar", "x-1.jar", "x-2.jar", true },
	{ "a variable", "lib/x-$V.jar", "x-1.jar", "x-2.jar", true },
	{ "a variable in braces", "lib/x-${V}.jar", "x-1.jar", "x-2.jar", true },
	{ "a pattern of the old one alone", "x-1*.jar", "x-1.jar", "x-2.jar", true },
	{ "another file", "y-1.jar", "x-1.jar", "x-2.jar", false },
	{ "the end of its name", "ax-1.jar", "x-1.jar", "x-2.jar", false },
	{ "a pattern of both", "x-*.jar", "x-1.jar", "x-2.jar", false },
	{ "all of a folder", "lib/*", "x-1.jar", "x-2.jar", false },
	{ "all jars", "lib/*.jar", "x-1.jar", "x-2.jar", false },
	{ "something longer", "x-1.jars", "x-1.jar", "x-2.jar", false },
	{ "a variable alone", "$X.jar", "x-1.jar", "x-2.jar", false },
	{ "a variable of another", "y-$V.jar", "x-1.jar", "x-2.jar", false },
	{ "nothing", "", "x-1.jar", "x-2.jar", false },
};

static void name(void **state)
{
	const struct name_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct hm_strs found = { 0 };
	bool named = false;
	repair_java_names(&cx, hm_cstr(t->text), &found);
	for (size_t i = 0; i < found.n; i++)
		named = named ||
			repair_java_names_file(found.p[i], hm_cstr(t->old), hm_cstr(t->now));
	assert_int_equal(named, t->named);
}

static const struct look_case {
	const char *label, *path;
	uint64_t size;
	bool is;
} looks[] = {
	{ "a jar", "app/x.jar", 5, true },
	{ "a jar of a distribution", "usr/share/java/x.jar", 5, true },
	{ "a jar that is too large", "app/x.jar", (uint64_t)1 << 40, false },
	{ "a script", "app/bin/run", 5, true },
	{ "a list", "app/classpath.idx", 5, true },
	{ "a script of an application there", "usr/share/x/bin/run.sh", 5, true },
	{ "what dpkg lists", "var/lib/dpkg/info/x.list", 5, false },
	{ "a picture", "app/x.png", 5, false },
	{ "what is too large for a text", "app/run.sh", (uint64_t)1 << 30, false },
	{ "what a distribution brings", "usr/share/doc/x/run.sh", 5, false },
	{ "what npm brings", "app/node_modules/x/run.sh", 5, false },
};

static void look(void **state)
{
	const struct look_case *t = *state;
	assert_int_equal(repair_java_is_looked_at(hm_cstr(t->path), t->size), t->is);
}

/* --- metadata --- */

#define META(group, artifact, versions)                                        \
	"<?xml version='1.0'?><metadata><groupId>" group "</groupId>"          \
	"<artifactId>" artifact "</artifactId><versioning><versions>" versions \
	"</versions></versioning></metadata>"

static const struct meta_case {
	const char *label, *text, *urls, *fault;
} metas[] = {
	{ "in their order", META("org.x", "a", "<version>1.10</version><version>1.9</version>"),
	  "http://r/org/x/a/1.9/a-1.9.jar http://r/org/x/a/1.10/a-1.10.jar ", NULL },
	{ "none", META("org.x", "a", ""), "", NULL },
	{ "the same twice", META("org.x", "a", "<version>1</version><version>1</version>"),
	  "http://r/org/x/a/1/a-1.jar ", NULL },
	{ "a path", META("org.x", "a", "<version>1/../2</version>"), "", NULL },
	{ "the folder above", META("org.x", "a", "<version>..</version>"), "", NULL },
	{ "a question", META("org.x", "a", "<version>1?x</version>"), "", NULL },
	{ "an entity", META("org.x", "a", "<version>&x;</version>"), "", NULL },
	{ "of another group", META("org.y", "a", "<version>1</version>"), NULL, "is of \"org.y\"" },
	{ "of another artifact", META("org.x", "b", ""), NULL, "is of \"b\"" },
	{ "a page", "<html></html>", NULL, "not the metadata" },
	{ "no document", "x", NULL, "not the metadata" },
};

static void metadata(void **state)
{
	const struct meta_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_KIB);
	struct java_files files = { 0 };
	hm_err err = repair_java_metadata(&cx, HM_STR("org.x:a"), HM_STR("http://r"),
					  hm_cstr(t->text), &files);
	if (t->fault) {
		assert_fault(err, HM_INPUT, t->fault);
		return;
	}
	assert_ok(err);
	for (size_t i = 0; i < files.n; i++)
		hm_buf_fmt(&b, "%.*s ", HM_FMT(files.p[i].url));
	assert_strz(hm_buf_str(&b), t->urls);
}

static const struct key_case {
	const char *label, *key;
	bool is;
} keys[] = {
	{ "a key", "org.x:a-b_c", true },
	{ "no artifact", "org.x", false },
	{ "no group", ":a", false },
	{ "a path", "org/x:a", false },
	{ "up", "..:a", false },
	{ "up, within", "org..x:a", false },
	{ "three parts", "org.x:a:1", false },
	{ "a space", "org.x:a b", false },
};

static void key(void **state)
{
	const struct key_case *t = *state;
	assert_int_equal(repair_java_is_key(hm_cstr(t->key)), t->is);
}

/* --- poms --- */

#define DEP(more) "<dependency><groupId>g</groupId><artifactId>d</artifactId>" more "</dependency>"
#define POM(deps)                                                                                   \
	"<project><parent><groupId>org.x</groupId><artifactId>p</artifactId>"                       \
	"<version>7</version></parent><artifactId>a</artifactId><properties><v>3</v>"               \
	"</properties><dependencyManagement><dependencies>" DEP(                                    \
		"<version>5</version>") "</dependencies></dependencyManagement><dependencies>" deps \
					"</dependencies></project>"

static const struct pom_case {
	const char *label, *text, *requires;
} poms[] = {
	{ "a version", POM(DEP("<version>1</version>")), "g:d:1 " },
	{ "a property", POM(DEP("<version>${v}</version>")), "g:d:3 " },
	{ "its own version", POM(DEP("<version>${project.version}</version>")), "g:d:7 " },
	{ "one that is managed", POM(DEP("")), "g:d:5 " },
	{ "of its own group",
	  POM("<dependency><groupId>org.x</groupId><artifactId>b</artifactId></dependency>"),
	  "org.x:b:7 " },
	{ "at run time", POM(DEP("<version>1</version><scope>runtime</scope>")), "g:d:1 " },
	{ "for tests", POM(DEP("<version>1</version><scope>test</scope>")), "" },
	{ "brought by others", POM(DEP("<version>1</version><scope>provided</scope>")), "" },
	{ "optional", POM(DEP("<version>1</version><optional>true</optional>")), "" },
	{ "of another kind", POM(DEP("<version>1</version><type>pom</type>")), "" },
	{ "with a classifier", POM(DEP("<version>1</version><classifier>x</classifier>")), "" },
	{ "exclusions are none",
	  POM(DEP("<version>1</version><exclusions><exclusion><artifactId>e</artifactId>"
		  "</exclusion></exclusions>")),
	  "g:d:1 " },
	{ "in a comment", POM("<!--" DEP("<version>1</version>") "-->"), "" },
	{ "without a name", POM("<dependency><groupId>g</groupId></dependency>"), "" },
	{ "of a plugin",
	  "<project><build><plugins><plugin><dependencies>" DEP(
		  "<version>1</version>") "</dependencies></plugin></plugins></build></project>",
	  "" },
	{ "cut short", "<project><dependencies><dependency><groupId>g</groupId>", "" },
	{ "no document", "x", "" },
};

static void pom(void **state)
{
	const struct pom_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF b = HM_BUF(HM_KIB * 16), found = HM_BUF(HM_KIB);
	struct json_out o = json_out(&b, false);
	struct json doc;
	json_open(&o, NULL, '{');
	repair_java_put_requires(&cx, hm_cstr(t->text), &o);
	json_close(&o, '}');
	assert_ok(json_parse(&cx, hm_buf_str(&b), JSON_STRICT, &doc));
	for (struct json_iter it = json_iter(json_get(doc, "requires")); json_next(&it);)
		hm_buf_fmt(&found, "%.*s:%.*s:%.*s ", HM_FMT(json_str(json_get(it.value, "group"))),
			   HM_FMT(json_str(json_get(it.value, "artifact"))),
			   HM_FMT(json_str(json_get(it.value, "version"))));
	assert_strz(hm_buf_str(&found), t->requires);
}

int main(void)
{
	UNIT_TABLE(range, ranges);
	UNIT_TABLE(follow, follows);
	UNIT_TABLE(name, names);
	UNIT_TABLE(look, looks);
	UNIT_TABLE(metadata, metas);
	UNIT_TABLE(key, keys);
	UNIT_TABLE(pom, poms);
	return unit_run("repair/java");
}
