/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>

#include "cli/cli.h"
#include "trust/trust.h"

struct plugin {
	const char *sha256;
	bool file, url, force, yes;
	struct hm_strs output;
};

/* --- install --- */

struct download {
	int fd;
	uint64_t got;
};

static hm_err add_bytes(struct hm_cx *cx, void *arg, struct hm_str bytes)
{
	struct download *d = arg;
	d->got += bytes.n;
	if (d->got >= HM_MAX_PLUGIN)
		return hm_fail(cx, HM_LIMIT, "it must be smaller than %llu MiB",
			       (unsigned long long)(HM_MAX_PLUGIN / HM_MIB));
	return hm_write_all(cx, d->fd, "download", bytes);
}

static hm_err start_again(struct hm_cx *cx, void *arg)
{
	struct download *d = arg;
	d->got = 0;
	if (ftruncate(d->fd, 0) < 0 || lseek(d->fd, 0, SEEK_SET) < 0)
		return hm_fail_os(cx, "could not start the download again");
	return NULL;
}

static hm_err send_request(struct hm_cx *cx, struct cli *cli, struct hm_str url, struct download *d)
{
	struct http_request request = { .method = "GET",
					.url = url,
					.sink = add_bytes,
					.sink_arg = d,
					.sink_rewind = start_again };
	struct http_response response;
	struct http_config config = { 0 };
	struct http_client *http;
	HM_TRY(cli_http_config(cx, cli, &config));
	HM_TRY(http_client_open(cx, &config, &http));
	hm_err err = http_send(cx, http, &request, &response);
	http_client_close(http);
	HM_TRY(err);
	if (response.status != 200)
		return hm_fail(cx, response.status == 404 ? HM_ABSENT : HM_SYSTEM,
			       "the server answered with status %d", response.status);
	if (!hm_starts(response.url, HM_STR("https://")))
		return hm_fail(cx, HM_DENIED,
			       "the server redirects to \"%.*s\", which is not https",
			       HM_FMT(response.url));
	return NULL;
}

static hm_err install_url(struct hm_cx *cx, struct cli *cli, struct trust_plugin_source *source,
			  struct hm_str url, struct trust_plugin_installed *out)
{
	struct download d = { .fd = -1 };
	char *dir;
	HM_TRY(hm_temp_dir(cx, &dir));
	const char *path = hm_path(cx, dir, "download");
	d.fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	hm_err err = d.fd < 0 ? hm_fail_os(cx, "could not make \"%s\"", path)
			      : send_request(cx, cli, url, &d);
	hm_close_fd(&d.fd);
	source->path = path;
	/* a query is no part of a file's name */
	source->file_name = hm_basename(hm_sub(url, 0, strcspn(url.p, "?#")));
	if (!err)
		err = trust_plugin_install(cx, cli->config_dir, source, out);
	hm_err left = hm_remove_tree(cx, dir);
	return err ? err : left;
}

static hm_err check_options(struct hm_cx *cx, const struct plugin *o, bool url, struct hm_str from)
{
	struct hm_str sum = hm_cstr(o->sha256);
	uint8_t raw[32];
	if (o->file && o->url)
		return hm_fail(cx, HM_USAGE, "--file and --url cannot be used together");
	if (url && !hm_starts(from, HM_STR("https://")))
		return hm_fail(cx, HM_USAGE, "only https URLs are supported");
	if (url && !sum.n)
		return hm_fail(cx, HM_USAGE,
			       "a URL needs --sha256sum, the SHA-256 that the file must have");
	if (o->sha256 && (sum.n != 2 * sizeof(raw) || hm_unhex(cx, hm_lower(cx, sum), raw)))
		return hm_fail(cx, HM_USAGE, "--sha256sum is not 64 hexadecimal digits");
	return NULL;
}

static hm_err install(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
		      size_t args_n)
{
	const struct plugin *o = opts;
	struct hm_str from = hm_cstr(args[0]);
	struct trust_plugin_source source = { .path = args[0],
					      .file_name = hm_basename(from),
					      .sha256 = hm_cstr(o->sha256),
					      .force = o->force };
	struct trust_plugin_installed done;
	bool url = o->url || (!o->file && hm_find(from, HM_STR("://")) != SIZE_MAX);
	(void)args_n;
	HM_TRY(check_options(cx, o, url, from));
	hm_err err = url ? install_url(cx, cli, &source, from, &done)
			 : trust_plugin_install(cx, cli->config_dir, &source, &done);
	HM_TRY_IN(cx, cli_refuse(cli, err), "\"%s\"", args[0]);
	if (done.before.version.n)
		return cli_print(
			cx,
			hm_fmt(cx, "Successfully updated plugin %.*s from version %.*s to %.*s\n",
			       HM_FMT(done.now.name), HM_FMT(done.before.version),
			       HM_FMT(done.now.version)));
	return cli_print(cx, hm_fmt(cx, "Successfully installed plugin %.*s, version %.*s\n",
				    HM_FMT(done.now.name), HM_FMT(done.now.version)));
}

/* --- list --- */

struct plugins {
	struct trust_plugin *p;
	size_t n;
};

static void describe_plugins(struct hm_cx *cx, const void *data, struct json_out *o)
{
	const struct plugins *plugins = data;
	(void)cx;
	json_open(o, "plugins", '[');
	for (size_t i = 0; i < plugins->n; i++) {
		const struct trust_plugin *p = &plugins->p[i];
		json_open(o, NULL, '{');
		json_put_str(o, "name", p->name);
		json_put_str(o, "description", p->description);
		json_put_str(o, "version", p->version);
		json_put_str(o, "url", p->url);
		json_open(o, "capabilities", '[');
		for (size_t k = 0; k < TRUST_CAPABILITIES; k++)
			if (p->can[k])
				json_putz(o, NULL, trust_capability_names[k]);
		json_close(o, ']');
		json_putz(o, "error", p->bad ? p->bad->why : "");
		json_close(o, '}');
	}
	json_close(o, ']');
}

static hm_err write_table(struct hm_cx *cx, const void *data, enum cli_format_bit format,
			  struct hm_buf *out)
{
	static const char *const columns[] = { "NAME", "DESCRIPTION", "VERSION", "CAPABILITIES",
					       "ERROR" };
	const struct plugins *plugins = data;
	struct cli_table t = { .columns = columns, .columns_n = HM_LEN(columns) };
	(void)format;
	for (size_t i = 0; i < plugins->n; i++) {
		const struct trust_plugin *p = &plugins->p[i];
		struct hm_str can = HM_STR("");
		for (size_t k = 0; k < TRUST_CAPABILITIES; k++)
			if (p->can[k])
				can = hm_fmt(cx, "%.*s%s%s", HM_FMT(can), can.n ? " " : "",
					     trust_capability_names[k]);
		*hm_push(cx, &t.cells) = p->name;
		*hm_push(cx, &t.cells) = p->description;
		*hm_push(cx, &t.cells) = p->version;
		*hm_push(cx, &t.cells) = can;
		*hm_push(cx, &t.cells) = hm_cstr(p->bad ? p->bad->why : "");
	}
	cli_table_format(cx, &t, out);
	return NULL;
}

static const struct cli_answer list_answer = {
	.schema = "hullmark.plugin-list/1",
	.describe = describe_plugins,
	.write = write_table,
};

static hm_err list_plugins(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			   size_t args_n)
{
	const struct plugin *o = opts;
	struct cli_outputs outputs;
	struct plugins plugins;
	(void)args;
	(void)args_n;
	HM_TRY(cli_read_outputs(cx, cli->command->formats, &o->output, &outputs));
	HM_TRY(trust_plugin_list(cx, cli->config_dir, &plugins.p, &plugins.n));
	return cli_answer_write(cx, &outputs, &list_answer, &plugins);
}

/* --- uninstall --- */

static hm_err uninstall(struct hm_cx *cx, struct cli *cli, const void *opts, char *const *args,
			size_t args_n)
{
	(void)opts;
	(void)args_n;
	HM_TRY(trust_plugin_uninstall(cx, cli->config_dir, hm_cstr(args[0])));
	return cli_print(cx, hm_fmt(cx, "Successfully uninstalled plugin %s\n", args[0]));
}

extern const struct cli_command cli_plugin_install, cli_plugin_list, cli_plugin_uninstall;

const struct cli_command cli_plugin_install = {
	.name = "plugin install",
	.alias = "plugin add",
	.group = "Trust",
	.args = "SOURCE",
	.help = "install a plugin that signs or verifies",
	.about =
		"SOURCE is a zip file, a tar.gz, or the program itself, notation-NAME; or the https URL of one.\n"
		"It is installed in plugins/NAME in the configuration folder, where Notation looks, too. From an\n"
		"archive the regular files are taken, without their folders; one of them must be notation-NAME.\n"
		"\n"
		"A plugin is a program by somebody else that runs with your rights, from this command on, which\n"
		"asks it for its name and version. It does not get the registry passwords in Hullmark's\n"
		"environment (NOTATION_USERNAME, NOTATION_PASSWORD, DOCKER_AUTH_CONFIG, HULLMARK_*). It must be newer\n"
		"than the version that is installed, unless --force is given. An archive is read in a sandboxed\n"
		"worker, and nothing is installed unless all of it is good. A plugin ends when Hullmark does, even if killed.",
	.examples =
		"  $ hullmark plugin install notation-azure-kv_1.2.1_linux_amd64.tar.gz\n"
		"  $ hullmark plugin install --url https://example.com/plugin.zip --sha256sum 113062a4...",
	.opts_size = sizeof(struct plugin),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(plugin, file, "file", CLI_FLAG, 0, NULL, "SOURCE is a file"),
		CLI_OPT(plugin, force, "force", CLI_FLAG, 0, NULL, "replace whatever is installed"),
		CLI_OPT(plugin, sha256, "sha256sum", CLI_TEXT, 0, "HEX", "the SHA-256 that it must have; needed for a URL"),
		CLI_OPT(plugin, url, "url", CLI_FLAG, 0, NULL, "SOURCE is a URL"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = install,
};

const struct cli_command cli_plugin_list = {
	.name = "plugin list",
	.alias = "plugin ls",
	.group = "Trust",
	.args = "",
	.help = "list the plugins that are installed",
	.about =
		"Runs each plugin once, to ask for its name, version and capabilities; ERROR says why one cannot\n"
		"be used.\n"
		"The JSON (hullmark.plugin-list/1) has \"plugins\": \"name\", \"description\", \"version\", \"url\",\n"
		"\"capabilities\", \"error\".",
	.examples = "  $ hullmark plugin list",
	.formats = CLI_AS_ANSWER,
	.opts_size = sizeof(struct plugin),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OUTPUT(plugin, output),
		{ 0 },
	},
	/* clang-format on */
	.run = list_plugins,
};

const struct cli_command cli_plugin_uninstall = {
	.name = "plugin uninstall",
	.alias = "plugin remove",
	.group = "Trust",
	.args = "NAME",
	.help = "remove a plugin",
	.about =
		"Removes plugins/NAME from the configuration folder. It does not ask for confirmation.",
	.examples = "  $ hullmark plugin uninstall azure-kv",
	.opts_size = sizeof(struct plugin),
	/* clang-format off */
	.opts = (const struct cli_opt[]){
		CLI_OPT(plugin, yes, "yes", CLI_FLAG, 'y', NULL, "accepted for compatibility; there is no confirmation prompt"),
		{ 0 },
	},
	/* clang-format on */
	.least = 1,
	.most = 1,
	.run = uninstall,
};
