//! The files that a module reads: those that the arguments of its line name, and those that it
//! reads without being told. Who may write one of them decides what the module answers.
//!
//! Taken from the man pages of Linux-PAM 1.5.2 and, for modules that it does not contain, from the
//! documentation of their packages.

use std::path::PathBuf;

/// A file that a module reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedFile {
    /// The file, or a directory of files, at this path.
    At(PathBuf),
    /// A path that begins in the directory in which the program of the service runs. Who starts
    /// the program chooses that directory.
    Relative(String),
}

/// A module, its arguments that name files, and the files that it reads by itself.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const TABLE: &[Row] = &[
    ("pam_access", &["accessfile"], &["/etc/security/access.conf", "/etc/security/access.d"]),
    ("pam_env", &["conffile", "envfile"], &["/etc/security/pam_env.conf", "/etc/environment"]),
    ("pam_faillock", &["conf", "dir"], &["/etc/security/faillock.conf"]),
    ("pam_group", &[], &["/etc/security/group.conf"]),
    ("pam_krb5", &["keytab"], &["/etc/krb5.conf", "/etc/krb5.keytab"]),
    ("pam_ldap", &["config"], &["/etc/pam_ldap.conf", "/etc/ldap.conf"]),
    ("pam_listfile", &["file"], &[]),
    ("pam_mysql", &["config_file"], &["/etc/pam-mysql.conf"]),
    ("pam_pgsql", &["config_file"], &["/etc/pam_pgsql.conf"]),
    ("pam_pwdfile", &["pwdfile"], &[]),
    ("pam_radius_auth", &["conf"], &["/etc/pam_radius_auth.conf", "/etc/raddb/server"]),
    ("pam_sepermit", &["conf"], &["/etc/security/sepermit.conf"]),
    ("pam_time", &["conffile"], &["/etc/security/time.conf"]),
    ("pam_userdb", &["db"], &[]),
    ("pam_winbind", &[], &["/etc/security/pam_winbind.conf", "/etc/samba/smb.conf"]),
];

/// Modules that read no file named by their arguments, or only show it.
const READING_NOTHING: [&str; 5] =
    ["pam_echo", "pam_issue", "pam_mail", "pam_motd", "pam_succeed_if"];

/// Files on which each password and each user depends.
pub const USER_DATABASE: [&str; 3] = ["/etc/passwd", "/etc/shadow", "/etc/nsswitch.conf"];

/// Endings that a database of `pam_userdb` has and its argument lacks: gdbm and Berkeley DB, and
/// the two files of ndbm.
const DATABASE_ENDINGS: [&str; 3] = [".db", ".pag", ".dir"];

/// The words of a `pam_exec` line that may stand ahead of its program.
const EXEC_OPTIONS: [&str; 7] =
    ["debug", "expose_authtok", "quiet", "quiet_log", "seteuid", "stdout", "use_first_pass"];

/// The files that a module with these arguments reads, as far as they are known. Of a module
/// without a row, every path in the arguments counts.
#[must_use]
pub fn named_files(module: &str, arguments: &[String]) -> Vec<NamedFile> {
    let row = TABLE.iter().find(|(name, _, _)| *name == module);
    let (keys, own) = row.map_or((&[][..], &[][..]), |(_, keys, own)| (*keys, *own));
    let mut found: Vec<NamedFile> = own.iter().map(|path| NamedFile::At(path.into())).collect();
    if READING_NOTHING.contains(&module) {
        return found;
    }
    for argument in arguments {
        let (key, value) = argument.split_once('=').unwrap_or(("", argument));
        let paths = paths_in(value);
        if paths.is_empty() && keys.contains(&key) && !value.is_empty() {
            found.push(NamedFile::Relative(value.to_owned()));
        }
        for path in paths {
            if module == "pam_userdb" {
                found.extend(
                    DATABASE_ENDINGS.map(|ending| NamedFile::At(format!("{path}{ending}").into())),
                );
            }
            found.push(NamedFile::At(path.into()));
        }
    }
    if module == "pam_exec"
        && let Some(program) = program_of(arguments)
        && !program.starts_with('/')
    {
        found.push(NamedFile::Relative(program.to_owned()));
    }
    found
}

/// The absolute paths in a value: the value itself, or parts of a list such as `FILE:/etc/keytab`.
fn paths_in(value: &str) -> Vec<&str> {
    let mut paths: Vec<&str> =
        value.split([':', ',']).filter(|part| part.starts_with('/')).collect();
    if value.starts_with('/') && !paths.contains(&value) {
        paths.push(value);
    }
    // Everybody may write it, and nobody reads what was written.
    paths.retain(|path| *path != "/dev/null");
    paths
}

/// The program of a `pam_exec` line: the first word that is no option.
fn program_of(arguments: &[String]) -> Option<&str> {
    let is_option = |word: &str| {
        EXEC_OPTIONS.contains(&word) || word.starts_with("log=") || word.starts_with("type=")
    };
    arguments.iter().map(String::as_str).find(|word| !is_option(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<String> {
        let mut words = line.split(' ').map(str::to_owned);
        let module = words.next().unwrap();
        let arguments: Vec<String> = words.collect();
        let text = |file| match file {
            NamedFile::At(path) => path.display().to_string(),
            NamedFile::Relative(text) => format!("./{text}"),
        };
        named_files(&module, &arguments).into_iter().map(text).collect()
    }

    #[test]
    fn paths_in_arguments_are_found() {
        for (line, expected) in [
            ("pam_userdb db=/etc/u", &["/etc/u.db", "/etc/u.pag", "/etc/u.dir", "/etc/u"][..]),
            ("pam_listfile item=user sense=allow file=/etc/users", &["/etc/users"]),
            ("pam_pwdfile pwdfile /etc/pw", &["/etc/pw"]),
            ("pam_exec quiet /usr/bin/python3 /opt/x.py", &["/usr/bin/python3", "/opt/x.py"]),
            ("pam_exec log=/var/log/x /bin/true >/dev/null", &["/var/log/x", "/bin/true"]),
            ("pam_own keytab=FILE:/etc/k,/etc/l", &["/etc/k", "/etc/l"]),
            ("pam_own file=/a:b", &["/a", "/a:b"]),
            ("/opt/pam_own.so /etc/x", &["/etc/x"]),
            ("pam_unix shadow nullok", &[]),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn a_module_reads_its_own_file_whatever_the_arguments_say() {
        assert_eq!(read("pam_time"), ["/etc/security/time.conf"]);
        let both = read("pam_time conffile=/srv/time.conf");
        assert_eq!(both, ["/etc/security/time.conf", "/srv/time.conf"]);
        assert_eq!(read("pam_group"), ["/etc/security/group.conf"]);
    }

    #[test]
    fn a_path_that_begins_where_the_caller_is_is_marked() {
        for (line, expected) in [
            ("pam_userdb db=users", "./users"),
            ("pam_listfile onerr=fail file=../users", "./../users"),
            ("pam_exec quiet type=auth check.sh /etc/x", "./check.sh"),
        ] {
            assert!(read(line).contains(&expected.to_owned()), "{line}");
        }
        assert!(
            read("pam_exec seteuid /bin/true relative").iter().all(|path| !path.contains("./"))
        );
    }

    #[test]
    fn words_that_are_compared_or_shown_are_no_files() {
        for line in [
            "pam_succeed_if quiet uid = 0 tty in /dev/tty1:tty1",
            "pam_motd motd=/run/motd.dynamic",
            "pam_mail dir=/var/mail",
        ] {
            assert!(read(line).is_empty(), "{line}");
        }
    }
}
