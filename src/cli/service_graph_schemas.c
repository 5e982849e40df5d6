/* SPDX-License-Identifier: Apache-2.0 */
/* What the answers of /api/v1 look like (JSON Schema 2020-12, as OpenAPI 3.1 has it). */
#include "cli/service_graph.h"

#define TEXT       "{\"type\":\"string\"}"
#define NUMBER     "{\"type\":\"integer\"}"
#define SWITCH     "{\"type\":\"boolean\"}"
#define COUNTS     "{\"type\":\"object\",\"additionalProperties\":" NUMBER "}"
#define LIST_OF(s) "{\"type\":\"array\",\"items\":" s "}"
#define REF(name)  "{\"$ref\":\"#/components/schemas/" name "\"}"
#define OBJECT(needed, members)                                                   \
	"{\"type\":\"object\",\"required\":[" needed "],\"properties\":{" members \
	"},\"additionalProperties\":false}"
#define SCHEMA(name) "\"schema\":{\"const\":\"hullmark.graph-" name "/1\"}"
#define ANSWER(name) \
	"{\"type\":\"object\",\"required\":[\"schema\"],\"properties\":{" SCHEMA(name) "}}"
#define DOCUMENT                                                                            \
	"\"id\":" TEXT ",\"digest\":" TEXT ",\"format\":" TEXT ",\"origin\":" TEXT          \
	",\"collector\":" TEXT ",\"taken\":{\"type\":\"string\",\"format\":\"date-time\"}," \
	"\"size\":" NUMBER ",\"signer\":" TEXT ",\"belief\":" TEXT
#define DOCUMENT_NEEDS \
	"\"id\",\"digest\",\"format\",\"origin\",\"collector\",\"taken\",\"size\",\"belief\""

const struct api_schema cli_graph_schemas[] = {
	{ "Error", OBJECT("\"error\"", "\"error\":" TEXT ",\"hint\":" TEXT ",\"code\":" TEXT) },
	{ "OpenAPI", "{\"type\":\"object\",\"required\":[\"openapi\",\"info\",\"paths\"]}" },
	{ "Stats", OBJECT("\"schema\",\"documents\",\"nodes\",\"edges\"",
			  SCHEMA("stats") ",\"documents\":" NUMBER ",\"nodes\":" COUNTS
					  ",\"edges\":" COUNTS) },
	{ "DocumentItem", OBJECT(DOCUMENT_NEEDS, DOCUMENT) },
	{ "Documents", OBJECT("\"schema\",\"cut\",\"documents\"",
			      SCHEMA("documents") ",\"cut\":" SWITCH
						  ",\"documents\":" LIST_OF(REF("DocumentItem"))) },
	{ "Document", OBJECT("\"schema\"," DOCUMENT_NEEDS, SCHEMA("document") "," DOCUMENT) },
	{ "Noun", OBJECT("\"id\",\"kind\",\"key\",\"label\"",
			 "\"id\":" TEXT ",\"kind\":" TEXT ",\"key\":" TEXT ",\"label\":" TEXT) },
	{ "Witness",
	  OBJECT("\"digest\",\"format\",\"origin\",\"collector\",\"belief\",\"taken\"",
		 "\"digest\":" TEXT ",\"format\":" TEXT ",\"origin\":" TEXT ",\"collector\":" TEXT
		 ",\"signer\":" REF("Noun") ",\"belief\":" TEXT ",\"taken\":" TEXT) },
	{ "Link", OBJECT("\"role\",\"node\"", "\"role\":" TEXT ",\"node\":" REF("Noun")) },
	{ "Fact",
	  OBJECT("\"id\",\"kind\",\"subject\",\"document\"",
		 "\"id\":" TEXT ",\"kind\":" TEXT ",\"subject\":" REF("Noun") ",\"object\":" REF(
			 "Noun") ",\"detail\":{\"type\":\"object\"},"
				 "\"links\":" LIST_OF(REF("Link")) ",\"document\":" REF(
					 "Witness")) },
	{ "Pod", OBJECT("\"cluster\",\"namespace\",\"pod\",\"container\"",
			"\"cluster\":" TEXT ",\"namespace\":" TEXT ",\"workload\":" TEXT
			",\"pod\":" TEXT ",\"container\":" TEXT ",\"image\":" TEXT ",\"node\":" TEXT
			",\"since\":" TEXT ",\"gone\":" TEXT ",\"artifact\":" REF("Noun")) },
	{ "Found", OBJECT("\"schema\",\"nodes\"",
			  SCHEMA("search") ",\"cut\":" TEXT ",\"nodes\":" LIST_OF(REF("Noun"))) },
	{ "Node",
	  OBJECT("\"schema\",\"node\",\"facts\",\"running\"",
		 SCHEMA("node") ",\"node\":" REF("Noun") ",\"parent\":" REF("Noun") ",\"versions\":" LIST_OF(
			 REF("Noun")) ",\"facts\":" COUNTS
				      ",\"document\":" REF("Witness") ",\"running\":" LIST_OF(REF("Pod")) ",\"decisions\":" LIST_OF(
					      "{\"type\":\"object\"}") ",\"cut\":" TEXT) },
	{ "Neighbours", OBJECT("\"schema\",\"node\",\"facts\"",
			       SCHEMA("neighbours") ",\"node\":" REF("Noun") ",\"facts\":" LIST_OF(
				       REF("Fact")) ",\"next\":" TEXT) },
	{ "Hit", OBJECT("\"vulnerability\",\"packages\",\"since\",\"document\"",
			"\"vulnerability\":" REF("Noun") ",\"packages\":" NUMBER ",\"since\":" TEXT
							 ",\"document\":" REF("Witness")) },
	{ "Age", OBJECT("\"kind\",\"documents\",\"old\"",
			"\"kind\":" TEXT ",\"documents\":" NUMBER ",\"old\":" NUMBER
			",\"oldest\":" TEXT ",\"newest\":" TEXT) },
	{ "Ending",
	  OBJECT("\"identity\",\"ends\"", "\"identity\":" REF("Noun") ",\"ends\":" TEXT) },
	{ "Dashboard",
	  OBJECT("\"schema\",\"worst\",\"newest\",\"ages\",\"endings\",\"running\",\"images\"",
		 SCHEMA("dashboard") ",\"worst\":" LIST_OF(REF("Hit")) ",\"newest\":" LIST_OF(REF("Hit")) ",\"ages\":" LIST_OF(
			 REF("Age")) ",\"endings\":" LIST_OF(REF("Ending")) ",\"running\":" NUMBER
									    ",\"images\":" NUMBER
									    ",\"cut\":" TEXT) },
	{ "Taken",
	  OBJECT("\"schema\",\"digest\",\"known\",\"nouns\",\"facts\"",
		 SCHEMA("taken") ",\"digest\":" TEXT ",\"format\":" TEXT ",\"known\":" SWITCH
				 ",\"nouns\":" NUMBER ",\"facts\":" NUMBER) },
	/* questions: what is in them the manual of each command says */
	{ "Contains", ANSWER("contains") },
	{ "Exposed", ANSWER("exposed") },
	{ "Dependents", ANSWER("dependents") },
	{ "Path", ANSWER("path") },
	{ "Radius", ANSWER("radius") },
	{ "Diff", ANSWER("diff") },
	{ "Plan", ANSWER("plan") },
	{ "SignedBy", ANSWER("signed-by") },
	{ "BuiltBy", ANSWER("built-by") },
	{ "Show", ANSWER("show") },
	{ "Unproven", ANSWER("unproven") },
	{ "Expiring", ANSWER("expiring") },
	{ "Revoked", ANSWER("revoked") },
	{ "Licences", ANSWER("licences") },
	{ "Frequent", ANSWER("frequent") },
	{ 0 },
};
