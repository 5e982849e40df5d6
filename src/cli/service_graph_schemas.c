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
#define DOCUMENT                                                                            \
	"\"id\":" TEXT ",\"digest\":" TEXT ",\"format\":" TEXT ",\"origin\":" TEXT          \
	",\"collector\":" TEXT ",\"taken\":{\"type\":\"string\",\"format\":\"date-time\"}," \
	"\"size\":" NUMBER ",\"signer\":" TEXT                                              \
	",\"belief\":{\"enum\":[\"notAsked\",\"believed\",\"notBelieved\"]}"
#define DOCUMENT_NEEDS \
	"\"id\",\"digest\",\"format\",\"origin\",\"collector\",\"taken\",\"size\",\"belief\""

const struct api_schema cli_graph_schemas[] = {
	{ "Error", OBJECT("\"error\"", "\"error\":" TEXT ",\"hint\":" TEXT) },
	{ "OpenAPI", "{\"type\":\"object\",\"required\":[\"openapi\",\"info\",\"paths\"]}" },
	{ "Stats", OBJECT("\"schema\",\"documents\",\"nodes\",\"edges\"",
			  SCHEMA("stats") ",\"documents\":" NUMBER ",\"nodes\":" COUNTS
					  ",\"edges\":" COUNTS) },
	{ "DocumentItem", OBJECT(DOCUMENT_NEEDS, DOCUMENT) },
	{ "Documents", OBJECT("\"schema\",\"cut\",\"documents\"",
			      SCHEMA("documents") ",\"cut\":" SWITCH
						  ",\"documents\":" LIST_OF(REF("DocumentItem"))) },
	{ "Document", OBJECT("\"schema\"," DOCUMENT_NEEDS, SCHEMA("document") "," DOCUMENT) },
	{ 0 },
};
