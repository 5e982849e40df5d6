/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/catalogers/java_groups.h"

/* clang-format off */
const struct java_group inventory_java_group_rows[] = {
	{ "spring", "org.springframework", 0 },
	{ "spring-aop", "org.springframework", 0 },
	{ "spring-aspects", "org.springframework", 0 },
	{ "spring-beans", "org.springframework", 0 },
	{ "spring-context", "org.springframework", 0 },
	{ "spring-context-indexer", "org.springframework", 0 },
	{ "spring-context-support", "org.springframework", 0 },
	{ "spring-core", "org.springframework", 0 },
	{ "spring-expression", "org.springframework", 0 },
	{ "spring-instrument*", "org.springframework", 0 },
	{ "spring-jcl", "org.springframework", 0 },
	{ "spring-jdbc", "org.springframework", 0 },
	{ "spring-jms", "org.springframework", 0 },
	{ "spring-messaging", "org.springframework", 0 },
	{ "spring-orm", "org.springframework", 0 },
	{ "spring-oxm", "org.springframework", 0 },
	{ "spring-r2dbc", "org.springframework", 0 },
	{ "spring-test", "org.springframework", 0 },
	{ "spring-tx", "org.springframework", 0 },
	{ "spring-web", "org.springframework", 0 },
	{ "spring-webflux", "org.springframework", 0 },
	{ "spring-webmvc*", "org.springframework", 0 },
	{ "spring-websocket", "org.springframework", 0 },
	{ "spring-amqp", "org.springframework.amqp", 0 },
	{ "spring-rabbit*", "org.springframework.amqp", 0 },
	{ "spring-batch-*", "org.springframework.batch", 0 },
	{ "spring-boot*", "org.springframework.boot", 0 },
	{ "spring-graphql*", "org.springframework.graphql", 0 },
	{ "spring-hateoas", "org.springframework.hateoas", 0 },
	{ "spring-integration-*", "org.springframework.integration", 0 },
	{ "spring-kafka*", "org.springframework.kafka", 0 },
	{ "spring-ldap-*", "org.springframework.ldap", 0 },
	{ "spring-retry", "org.springframework.retry", 0 },
	{ "spring-security-*", "org.springframework.security", 0 },
	{ "spring-webflow", "org.springframework.webflow", 0 },
	{ "spring-ws-*", "org.springframework.ws", 0 },
	{ "micrometer-*", "io.micrometer", 0 },
	{ "reactor-core", "io.projectreactor", 0 },
	{ "reactor-netty*", "io.projectreactor.netty", 0 },
	{ "tomcat-embed-*", "org.apache.tomcat.embed", 0 },
	{ "tomcat-*", "org.apache.tomcat", 0 },
	{ "kafka-clients", "org.apache.kafka", 0 },
	{ "kafka_2.1*", "org.apache.kafka", 0 },
	{ "connect-runtime", "org.apache.kafka", 0 },
	{ "lucene-*", "org.apache.lucene", 0 },
	{ "solr-*", "org.apache.solr", 0 },
	{ "elasticsearch", "org.elasticsearch", 0 },
	{ "poi", "org.apache.poi", 0 },
	{ "poi-*", "org.apache.poi", 0 },
	{ "xmlbeans", "org.apache.xmlbeans", 0 },
	{ "batik-*", "org.apache.xmlgraphics", 0 },
	{ "fop", "org.apache.xmlgraphics", 0 },
	{ "ant-contrib", "ant-contrib", 0 },
	{ "ant", "org.apache.ant", 0 },
	{ "ant-*", "org.apache.ant", 0 },
	{ "ivy", "org.apache.ivy", 0 },
	{ "derby*", "org.apache.derby", 0 },
	{ "velocity", "org.apache.velocity", 0 },
	{ "xercesImpl", "xerces", 0 },
	{ "xalan", "xalan", 0 },
	{ "kotlin-stdlib*", "org.jetbrains.kotlin", 0 },
	{ "kotlin-reflect", "org.jetbrains.kotlin", 0 },
	{ "kotlin-compiler*", "org.jetbrains.kotlin", 0 },
	{ "scala-library", "org.scala-lang", 0 },
	{ "scala-compiler", "org.scala-lang", 0 },
	{ "scala-reflect", "org.scala-lang", 0 },
	{ "akka-*", "com.typesafe.akka", 0 },
	{ "groovy", "org.codehaus.groovy", 4 },
	{ "groovy-*", "org.codehaus.groovy", 4 },
	{ "groovy", "org.apache.groovy", 0 },
	{ "groovy-*", "org.apache.groovy", 0 },
	{ "grpc-*", "io.grpc", 0 },
	{ "micronaut-core*", "io.micronaut", 0 },
	{ "micronaut-http*", "io.micronaut", 0 },
	{ "micronaut-management", "io.micronaut", 0 },
	{ "okhttp", "com.squareup.okhttp", 3 },
	{ "okhttp*", "com.squareup.okhttp3", 0 },
	{ "okio*", "com.squareup.okio", 0 },
	{ "jackson-core-asl", "org.codehaus.jackson", 0 },
	{ "jackson-mapper-asl", "org.codehaus.jackson", 0 },
	{ "dom4j", "dom4j", 2 },
	{ "dom4j", "org.dom4j", 0 },
	{ "jdom*", "org.jdom", 0 },
	{ "asm", "asm", 4 },
	{ "asm-*", "asm", 4 },
	{ "asm", "org.ow2.asm", 0 },
	{ "asm-*", "org.ow2.asm", 0 },
	{ "aspectj*", "org.aspectj", 0 },
	{ "checker-*", "org.checkerframework", 0 },
	{ "hamcrest*", "org.hamcrest", 0 },
	{ "jna", "net.java.dev.jna", 0 },
	{ "jna-platform", "net.java.dev.jna", 0 },
	{ "jsr305", "com.google.code.findbugs", 0 },
	{ "c3p0", "com.mchange", 0 },
	{ "bsh", "org.beanshell", 0 },
	{ "jython*", "org.python", 0 },
	{ "rhino", "org.mozilla", 0 },
	{ "mysql-connector-java", "mysql", 0 },
	{ "mysql-connector-j", "com.mysql", 0 },
	{ "postgresql", "org.postgresql", 0 },
	{ 0 },
};
/* clang-format on */

static bool fits(const struct java_group *row, struct hm_str artifact, struct hm_str version)
{
	struct hm_str name = hm_cstr(row->artifact);
	bool has_star = hm_ends(name, HM_STR("*"));
	name.n -= has_star;
	if (has_star ? !hm_starts(artifact, name) : !hm_eq(artifact, name))
		return false;
	uint64_t number;
	size_t n = 0;
	while (n < version.n && hm_is_digit(version.p[n]))
		n++;
	return !row->below ||
	       (hm_u64(hm_sub(version, 0, n), UINT32_MAX, &number) && number < row->below);
}

struct hm_str inventory_java_group(struct hm_str artifact, struct hm_str version)
{
	for (const struct java_group *row = inventory_java_group_rows; row->artifact; row++)
		if (fits(row, artifact, version))
			return hm_cstr(row->group);
	return HM_STR("");
}
