/* SPDX-License-Identifier: Apache-2.0 */
/* What a Java archive is: its name, its poms, its manifest, its place. */
#include "inventory/catalogers/java_identity.h"

#include "unit.h"

static const struct name_case {
	const char *label, *file, *name, *version;
} names[] = {
	{ "a name and a version", "lib/commons-lang3-3.12.0.jar", "commons-lang3", "3.12.0" },
	{ "a version that goes on behind a dot", "mssql-jdbc-12.4.2.jre11.jar", "mssql-jdbc",
	  "12.4.2.jre11" },
	{ "a qualifier behind a hyphen", "guava-31.1-jre.jar", "guava", "31.1-jre" },
	{ "a word behind a dot", "netty-common-4.1.100.Final.jar", "netty-common",
	  "4.1.100.Final" },
	{ "a snapshot", "acme-1.0-SNAPSHOT.jar", "acme", "1.0-SNAPSHOT" },
	{ "a snapshot with its time", "acme-1.0-20240101.120000-1.jar", "acme",
	  "1.0-20240101.120000-1" },
	{ "a beta with a number of its own", "acme-1.0-beta-2.jar", "acme", "1.0-beta-2" },
	{ "numbers within the name", "log4j-1.2-api-2.17.1.jar", "log4j-1.2-api", "2.17.1" },
	{ "a version of parts that are numbers", "postgresql-9.1-901-1.jdbc4.jar", "postgresql",
	  "9.1-901-1.jdbc4" },
	{ "the version of Scala belongs to the name", "kafka_2.13-3.5.1.jar", "kafka_2.13",
	  "3.5.1" },
	{ "a classifier", "netty-tcnative-2.0.61.Final-linux-x86_64.jar", "netty-tcnative",
	  "2.0.61.Final" },
	{ "the sources", "acme-1.0-sources.jar", "acme", "1.0" },
	{ "a classifier of a JDK", "json-lib-2.4-jdk15.jar", "json-lib", "2.4" },
	{ "no version", "app.jar", "app", "" },
	{ "a hyphen and no version", "commons-io.jar", "commons-io", "" },
	{ "in capitals", "ACME-1.0.JAR", "ACME", "1.0" },
	{ "only a version", "-1.0.jar", "-1.0", "" },
	{ "nothing", ".jar", ".jar", "" },
};

static void splits(void **state)
{
	const struct name_case *t = *state;
	struct hm_str name, version;
	inventory_java_split_name(hm_cstr(t->file), &name, &version);
	assert_strz(name, t->name);
	assert_strz(version, t->version);
}

static const struct pom_case {
	const char *label, *xml, *want;
} poms[] = {
	{ "all of it",
	  "<?xml version='1.0'?><!-- <groupId>no</groupId> --><project xmlns=\"x\"><groupId>g</groupId>"
	  "<artifactId>a</artifactId><version> 1 </version></project>",
	  "g:a:1" },
	{ "the parent's group and version",
	  "<project><parent><groupId>pg</groupId><artifactId>pa</artifactId><version>2</version></parent>"
	  "<artifactId>a</artifactId></project>",
	  "pg:a:2" },
	{ "its own before the parent's",
	  "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version>"
	  "<parent><groupId>pg</groupId><artifactId>pa</artifactId><version>2</version></parent></project>",
	  "g:a:1" },
	{ "a property",
	  "<project><groupId>g</groupId><artifactId>a</artifactId><version>${v.x}-${project.artifactId}</version>"
	  "<properties><v.x>${y}</v.x><y>3</y></properties></project>",
	  "g:a:3-a" },
	{ "the parent's version by name",
	  "<project><parent><groupId>pg</groupId><version>2</version></parent><artifactId>a</artifactId>"
	  "<version>${project.parent.version}</version><groupId>${pom.groupId}</groupId></project>",
	  "folder-g:a:2" },
	{ "what continuous builds write",
	  "<project><groupId>g</groupId><artifactId>a</artifactId><version>${revision}${sha1}${changelist}</version>"
	  "<properties><revision>5.0</revision></properties></project>",
	  "g:a:5.0" },
	{ "a property that is not here",
	  "<project><groupId>g</groupId><artifactId>a</artifactId><version>${later}</version></project>",
	  "g:a:" },
	{ "a property that is itself",
	  "<project><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version>"
	  "<properties><v>x${v}</v></properties></project>",
	  "g:a:" },
	{ "of dependencies nothing",
	  "<project><dependencies><dependency><groupId>d</groupId><artifactId>e</artifactId><version>9</version>"
	  "</dependency></dependencies><artifactId>a</artifactId></project>",
	  "folder-g:a:" },
	{ "of plugins nothing",
	  "<project><build><version>9</version></build><groupId>g</groupId><artifactId>a</artifactId></project>",
	  "g:a:" },
	{ "cut short", "<project><groupId>g</groupId><artif", "g:folder-a:" },
	{ "text that looks like tags",
	  "<project><description><![CDATA[<version>7</version>]]></description><groupId>g</groupId></project>",
	  "g:folder-a:" },
	{ "no XML", "hello > world < !", "folder-g:folder-a:" },
	{ "nothing", "", "folder-g:folder-a:" },
};

static void reads_pom(void **state)
{
	const struct pom_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct java_pom pom = { HM_STR("folder-g"), HM_STR("folder-a"), HM_STR("") };
	inventory_java_pom_xml(&cx, hm_cstr(t->xml), &pom);
	assert_strz(hm_fmt(&cx, "%.*s:%.*s:%.*s", HM_FMT(pom.group), HM_FMT(pom.artifact),
			   HM_FMT(pom.version)),
		    t->want);
}

static void a_deep_pom_costs_nothing(void **state)
{
	(void)state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	HM_AUTO_BUF text = HM_BUF(HM_MIB);
	struct java_pom pom = { 0 };
	for (size_t i = 0; i < 100000; i++)
		hm_buf_addz(&text, "<a>");
	inventory_java_pom_xml(&cx, hm_buf_str(&text), &pom);
	assert_strz(pom.group, "");
}

/* Poms are "group:artifact:version", classes are names; both between spaces. */
static const struct identity_case {
	const char *label, *path, *poms, *manifest, *classes, *want; /* "?": guessed; then own */
} identities[] = {
	{ "its pom, by name and version", "lib/a-1.jar", "g:a:1", "", "", "g:a:1 own 0" },
	{ "its pom, by name alone", "usr/share/java/a.jar", "g:a:1", "", "", "g:a:1 own 0" },
	{ "its pom of several", "lib/netty-all-4.1.0.Final.jar",
	  "io.netty:netty:3.0 io.netty:netty-all:4.1.0.Final io.netty:netty-common:4.1.0.Final", "",
	  "", "io.netty:netty-all:4.1.0.Final own 1" },
	{ "one foreign pom: another name and version", "lib/graphql-java-20.2.jar",
	  "com.google.guava:guava:31.0.1-jre", "Bundle-SymbolicName: graphql-java\n", "",
	  "com.graphql-java:graphql-java:20.2 own -" },
	{ "one foreign pom, and the manifest tells the version", "lib/acme.jar", "g:other:2.1",
	  "Implementation-Version: 42.5.1\n", "", "?acme:acme:42.5.1 own -" },
	{ "renamed: the manifest has the pom's name", "app/server.jar", "g:a:1",
	  "Implementation-Title: a\nImplementation-Version: 7\n", "", "g:a:1 own 0" },
	{ "renamed: the manifest has the pom's version", "app/server.jar", "g:a:1.2.3",
	  "Implementation-Version: 1.2.3\n", "", "g:a:1.2.3 own 0" },
	{ "renamed: nothing speaks against it", "app/server.jar", "g:a:1", "", "", "g:a:1 own 0" },
	{ "renamed: several poms, and the manifest names one", "app/server.jar", "g:a:1 h:b:2",
	  "Bundle-SymbolicName: h.b;singleton:=true\n", "", "h:b:2 own 1" },
	{ "merged of several, and none is its own", "app/server.jar", "g:a:1 h:b:2", "", "",
	  "?server:server: own -" },
	{ "the same version is not the same name", "lib/x-2.0.jar", "g:y:1.0", "", "",
	  "?x:x:2.0 own -" },
	{ "a name that only begins like the pom's", "lib/ab-1.jar", "g:a:2", "", "",
	  "?ab:ab:1 own -" },
	{ "the version of what a profile made", "lib/mssql-jdbc-12.4.2.jre11.jar",
	  "com.microsoft.sqlserver:mssql-jdbc:12.4.2", "", "",
	  "com.microsoft.sqlserver:mssql-jdbc:12.4.2.jre11 own 0" },
	{ "a classifier is no version", "lib/tcnative-2.0.61.Final-linux-x86_64.jar",
	  "io.netty:tcnative:2.0.61.Final", "", "", "io.netty:tcnative:2.0.61.Final own 0" },
	{ "a pom without version", "lib/a-1.5.jar", "g:a:", "", "", "g:a:1.5 own 0" },
	{ "group and name in the file's name", "lib/main/org.acme.tool-1.0.jar",
	  "org.acme:tool:1.0", "", "", "org.acme:tool:1.0 own 0" },
	{ "a well-known archive", "lib/spring-core-5.3.1.jar", "",
	  "Automatic-Module-Name: spring.core\n", "",
	  "org.springframework:spring-core:5.3.1 own -" },
	{ "a module's name is no group", "lib/tool-1.jar", "",
	  "Automatic-Module-Name: org.acme.tool.impl\n", "", "?tool:tool:1 own -" },
	{ "a bundle's name with the artifact behind it", "lib/tool-1.jar", "",
	  "Bundle-SymbolicName: org.acme.tool\n", "", "?org.acme:tool:1 own -" },
	{ "a bundle's name with a part of the artifact", "lib/acme-api-1.jar", "",
	  "Bundle-SymbolicName: org.acme.api\n", "", "?org.acme:acme-api:1 own -" },
	{ "the vendor's id", "lib/tool-1.jar", "", "Implementation-Vendor-Id: org.acme\n", "",
	  "?org.acme:tool:1 own -" },
	{ "a vendor that is no group", "lib/tool-1.jar", "",
	  "Implementation-Vendor-Id: Acme, Inc.\n", "", "?tool:tool:1 own -" },
	{ "the folder of its classes", "lib/tool-1.jar", "", "",
	  "META-INF/x.class org/acme/tool/A.class org/acme/tool/b/B.class org/acme/tool/bc/C.class",
	  "?org.acme.tool:tool:1 own -" },
	{ "classes of many", "lib/tool-1.jar", "", "", "org/acme/A.class com/x/B.class",
	  "?tool:tool:1 own -" },
	{ "the place in Maven's repository", "root/.m2/repository/org/acme/tool/1/tool-1.jar", "",
	  "", "", "org.acme:tool:1 own -" },
	{ "the place in Gradle's cache",
	  "root/.gradle/caches/modules-2/files-2.1/org.acme/tool/1/abc/tool-1.jar", "", "", "",
	  "org.acme:tool:1 own -" },
	{ "a place that only looks like one", "app/maven2/tool-1.jar", "", "", "",
	  "?tool:tool:1 own -" },
	{ "the version of an API is asked last", "lib/tool.jar", "",
	  "Specification-Version: 2.7\nBundle-Version: 2.7.18\n", "", "?tool:tool:2.7.18 own -" },
	{ "a version with words behind it", "lib/tool.jar", "",
	  "Implementation-Version: 1.4 (build 7)\n", "", "?tool:tool:1.4 own -" },
	{ "a version that is none before one", "lib/tool.jar", "",
	  "Implementation-Version: main\nBundle-Version: 1.4\n", "", "?tool:tool:1.4 own -" },
};

static void split_poms(struct hm_cx *cx, const char *text, struct java_poms *out)
{
	struct hm_str rest = hm_cstr(text);
	while (rest.n) {
		struct hm_str version = hm_cut(&rest, ' ');
		struct hm_str group = hm_cut(&version, ':'), artifact = hm_cut(&version, ':');
		*hm_push(cx, out) = (struct java_pom){ group, artifact, version };
	}
}

static void identifies(void **state)
{
	const struct identity_case *t = *state;
	HM_AUTO_CX cx = HM_CX(HM_MIB);
	struct java_poms list = { 0 };
	struct stanza manifest = { 0 };
	struct zip_entry entries[8] = { 0 };
	struct zip zip = { .entries = entries };
	struct hm_str text = hm_cstr(t->manifest), rest = hm_cstr(t->classes);
	struct java_identity self;
	split_poms(&cx, t->poms, &list);
	stanza_next(&cx, &text, &manifest);
	while (rest.n)
		entries[zip.n++].name = hm_cut(&rest, ' ');
	inventory_java_identify(&cx, hm_cstr(t->path), &zip, &manifest, &list, &self);
	assert_strz(hm_fmt(&cx, "%s%.*s:%.*s:%.*s own %s", self.group_guessed ? "?" : "",
			   HM_FMT(self.pom.group), HM_FMT(self.pom.artifact),
			   HM_FMT(self.pom.version),
			   self.own == SIZE_MAX ? "-" : hm_fmt(&cx, "%zu", self.own).p),
		    t->want);
}

int main(void)
{
	UNIT_TABLE(splits, names);
	UNIT_TABLE(reads_pom, poms);
	UNIT(a_deep_pom_costs_nothing);
	UNIT_TABLE(identifies, identities);
	return unit_run("inventory/java_identity");
}
