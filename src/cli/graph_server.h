/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_server.h - a graph that somebody else has: `hullmark serve --graph`, asked over HTTP.
 *
 * What it answers is a stranger's. It is bounded in size and time, no redirect is followed, and
 * nothing of it gets out as it came: JSON is parsed, and texts are made safe for a terminal. A
 * token is sent to the server that is named alone, by https or to this machine.
 */
#ifndef CLI_GRAPH_SERVER_H
#define CLI_GRAPH_SERVER_H

#include "cli/graph.h"

struct cli_graph_server {
	struct http_client *http;
	struct hm_str root;             /* "https://graph.example", without a slash behind it */
	struct hm_secret authorization; /* "Bearer TOKEN"; empty: none */
};
/* From --server, --token-file and how servers are reached. HM_USAGE: options that do not go
 * together, or an address by which the token, or what is asked, could be read on the way. */
HM_MUST hm_err cli_graph_server_open(struct hm_cx *cx, const struct cli *cli,
				     const struct cli_graph *o, struct cli_graph_server *out);
void cli_graph_server_close(struct cli_graph_server *s);
#define CLI_AUTO_GRAPH_SERVER HM_CLEANUP(cli_graph_server_close) struct cli_graph_server

struct cli_graph_call {
	const char *path;    /* below /api/v1/ */
	struct hm_str query; /* "limit=3&format=text"; "" */
	const char *schema;  /* that the answer has to have */
	bool is_question;    /* then a header says the schema, too */
	bool is_post;
	struct hm_str body; /* of a POST */
	bool is_said;       /* written: the fault is what the server says of what it was asked */
};
/*
 * The answer. HM_SYSTEM, HM_BUSY: the server could not be reached, or did not answer in time.
 * HM_DENIED: it wants a login, another token, or sends us elsewhere. HM_ABSENT: there is no graph,
 * or one that cannot be asked this. HM_INPUT, HM_LIMIT: it is not of the schema, or too large. Else
 * what the server says, with the code that it gives.
 */
HM_MUST hm_err cli_graph_server_json(struct hm_cx *cx, struct cli_graph_server *s,
				     struct cli_graph_call *call, struct json *out);
/* The same of a question, for people: lines that are safe for a terminal. */
HM_MUST hm_err cli_graph_server_text(struct hm_cx *cx, struct cli_graph_server *s,
				     struct cli_graph_call *call, struct hm_buf *out);

#endif
