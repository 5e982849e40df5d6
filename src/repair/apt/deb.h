/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deb.h - inside repair/apt/: what the worker says of a package, and one that is being unpacked.
 */
#ifndef REPAIR_APT_DEB_H
#define REPAIR_APT_DEB_H

#include "codec/tar.h"

#define REPAIR_DEB_JOB "repair-deb"

/* A file of the control part: "postinst", "conffiles", ... */
struct deb_control {
	struct hm_str name, bytes;
	uint32_t mode;
};
/* A path of the package, in its order: "usr/bin/x"; the root is empty. */
struct deb_path {
	struct hm_str path;
	bool is_dir;
};
/* A configuration file that the package brings. */
struct deb_conffile {
	struct hm_str path; /* without a leading '/' */
	struct hm_str md5;  /* hex, of the new one; empty: not in the package */
};
struct deb {
	bool leaves_scripts; /* they are not looked at: the image has no dpkg */
	struct {
		struct deb_control *p;
		size_t n, cap;
	} controls;
	struct {
		struct deb_path *p;
		size_t n, cap;
	} paths;
	struct {
		struct deb_conffile *p;
		size_t n, cap;
	} conffiles;
};

#endif
