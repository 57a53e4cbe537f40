#!/usr/bin/env bash
# Sets the machine up, as `make` asks: scripts/setup.sh run|test|bench
#   run    the virtual environment .venv with the locked packages, the command, Pango, fonts
#   test   the same with the packages of the tests, and the judges: Java for EPUBCheck and veraPDF, Ace, Chromium, calibre
#   bench  the same with the programs that the bench compares with
# scripts/setup.sh font NAME installs a font family that a package of PyPI brings, into .venv.
# What the system lacks is installed with its package manager, saying so first.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly wanted="${1:?run, test, bench or font}"
readonly python=.venv/bin/python

say() { printf 'set-up: %s\n' "$*" >&2; }
stop() { say "$*"; exit 3; }
has() { command -v "$1" >/dev/null 2>&1; }

# --- what the system has ----------------------------------------------------------------------

has_library() { # has_library STEM: the dynamic linker finds its version 0
    case "$(uname -s)" in
    Darwin) ls "$(brew --prefix 2>/dev/null)/lib/lib$1".*dylib >/dev/null 2>&1 ;;
    *) { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null || true; } | grep -q "lib$1\.so\.0 " ||
        python3 -c "import ctypes; ctypes.CDLL('lib$1.so.0')" >/dev/null 2>&1 ;;
    esac
}
has_font() { [ "$(uname -s)" = Darwin ] || [ -n "$(fc-list ":family=$1" 2>/dev/null)" ]; }
has_java() { java -version >/dev/null 2>&1 && javac -version >/dev/null 2>&1; }
has_jaxb() { [ -f /usr/share/java/jaxb-runtime.jar ]; }
is_good_python() { # 3.11 to 3.13, able to make an environment
    "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}
find_python() {
    local name
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if is_good_python "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}
python_at_hand() { has uv || find_python >/dev/null; }

# --- what it lacks, in the words of its package manager -------------------------------------------

manager() {
    if [ "$(uname -s)" = Darwin ]; then has brew && echo brew; return; fi
    local name
    for name in apt-get dnf; do has "$name" && echo "$name" && return; done
}
apt_python() { # the system's own Python where it is new enough, else the newest beside it
    local version
    for version in 3 3.13 3.12 3.11; do
        case "$(apt-cache show "python$version" 2>/dev/null | sed -n 's/^Version: \(3\.[0-9]*\).*/\1/p' | head -n 1)" in
        3.11 | 3.12 | 3.13) echo "python$version" "python$version-venv" && return ;;
        esac
    done
    echo python3 python3-venv
}
names() { # names THING: the packages of a thing, for the manager at hand
    case "$1:$(manager)" in
    python:apt-get) apt_python ;;
    python:dnf) echo python3.13 ;;
    python:brew) echo python@3.13 ;;
    pango:apt-get) echo libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 ;;
    pango:dnf) echo pango harfbuzz ;;
    pango:brew) echo pango ;;
    fontconfig:*) echo fontconfig ;;
    noto:apt-get) echo fonts-noto-core ;;
    noto:dnf) echo google-noto-sans-fonts google-noto-serif-fonts google-noto-sans-math-fonts \
        google-noto-sans-symbols-fonts ;;
    cjk:apt-get) echo fonts-noto-cjk ;;
    cjk:dnf) echo google-noto-sans-cjk-fonts google-noto-serif-cjk-fonts ;;
    symbola:apt-get) echo fonts-symbola ;;
    symbola:dnf) echo gdouros-symbola-fonts ;;
    java:apt-get) echo default-jdk-headless ;;
    java:dnf) echo java-latest-openjdk-devel ;;
    java:brew) echo openjdk ;;
    node:apt-get) echo nodejs npm ;;
    node:dnf) echo nodejs-npm ;;
    node:brew) echo node ;;
    browser:brew) echo google-chrome ;;
    browser:*) echo chromium ;;
    calibre:*) echo calibre ;;
    jaxb:apt-get) echo libjaxb-java ;; # veraPDF reads its rules with it; Java itself left it out
    esac
}
in_words() { # in_words THING: for who installs it by hand
    case "$1" in
    python) printf 'Python 3.11 to 3.13; ' ;;
    pango) printf "Pango 1.44 or later, with HarfBuzz's subset library; " ;;
    fontconfig) printf 'fontconfig; ' ;;
    java) printf 'a Java development kit, for EPUBCheck and veraPDF; ' ;;
    esac
}
missing() { # the needed things that are not here
    python_at_hand || echo python
    { has_library pango-1.0 && has_library pangoft2-1.0 && has_library harfbuzz-subset; } || echo pango
    has fc-list || echo fontconfig
    [ "$wanted" = run ] || has_java || echo java
}
has_browser() {
    has chromium || has chromium-browser || has google-chrome || has google-chrome-stable ||
        [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}
missing_judges() { # what the tests ask besides Java
    has npm || echo node
    has_browser || echo browser
    has ebook-convert || [ -x /Applications/calibre.app/Contents/MacOS/ebook-convert ] || echo calibre
    has_jaxb || echo jaxb
}
missing_fonts() {
    has_font 'Noto Sans' || echo noto
    has_font 'Noto Serif CJK JP' || has_font 'Noto Sans CJK JP' || echo cjk
    has_font Symbola || echo symbola
}

as_root() {
    if [ "$(id -u)" = 0 ] || [ "$(manager)" = brew ]; then "$@"; else sudo "$@"; fi
}
may_install() {
    [ -n "$(manager)" ] && { [ "$(id -u)" = 0 ] || [ "$(manager)" = brew ] || has sudo; }
}
refresh_lists() { # a new machine's apt knows no package
    if [ "$(manager)" = apt-get ]; then as_root apt-get update -qq >&2; fi
}
install_packages() {
    say "installing with $(manager): $*"
    case "$(manager)" in
    apt-get) as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ;;
    dnf) as_root dnf install -y -q "$@" >&2 ;;
    brew) brew install --quiet "$@" >&2 ;;
    esac
}
packages_of() { local thing; for thing in "$@"; do names "$thing"; done; }

install_system() {
    local lacking
    lacking=$(missing | tr '\n' ' ')
    [ -n "$lacking" ] || return 0
    may_install || stop "install first: $(for thing in $lacking; do in_words "$thing"; done)"
    refresh_lists
    # shellcheck disable=SC2046,SC2086  # lists of names
    install_packages $(packages_of $lacking)
    hash -r
    lacking=$(missing | tr '\n' ' ')
    [ -z "$lacking" ] || stop "still missing after the installation: $lacking"
}
install_welcome() { # install_welcome "THING …" WORDS: what is welcome, not needed; WORDS say what goes without it
    local thing
    if [ -z "$1" ]; then return; fi
    if may_install; then refresh_lists; fi
    for thing in $1; do
        # shellcheck disable=SC2046  # a list of names
        { may_install && install_packages $(names "$thing"); } || say "$thing is not here: $2"
    done
}

# --- the virtual environment ----------------------------------------------------------------

make_environment() {
    if is_good_python "$python"; then return; fi
    rm -rf .venv
    if has uv; then
        uv venv --quiet --python "${PYTHON:->=3.11,<3.14}" .venv
    else
        "$(find_python)" -m venv .venv
    fi
}
install_locked() {
    say "installing the locked packages of requirements/$wanted.txt in .venv"
    if has uv; then
        uv pip install --quiet --compile-bytecode --python "$python" --require-hashes -r "requirements/$wanted.txt"
        uv pip install --quiet --python "$python" --no-deps --no-build-isolation --editable .
    else
        "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null
        "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$wanted.txt"
        "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    fi
}
install_font() { # install_font NAME: EB Garamond is fontpkg-eb-garamond
    local package
    package="fontpkg-$(tr '[:upper:] ' '[:lower:]-' <<<"$1")"
    say "installing $package in .venv"
    if has uv; then
        uv pip install --quiet --python "$python" "$package"
    else
        "$python" -m pip install --quiet --disable-pip-version-check "$package"
    fi || stop "can't install $package: no network, or no family of that name; look on https://fonts.google.com, or install the font in your system"
}
install_npm() { # Ace and epub.js, locked, in .venv/npm; no script of a package runs
    if ! has npm; then say "npm is not here: tests that ask Ace and epub.js are left out"; return; fi
    if cmp -s requirements/npm/package-lock.json .venv/npm/package-lock.json; then return; fi
    say "installing the locked packages of requirements/npm in .venv/npm"
    rm -rf .venv/npm .venv/npm-new
    mkdir -p .venv/npm-new
    cp requirements/npm/package.json requirements/npm/package-lock.json .venv/npm-new/
    if PUPPETEER_SKIP_DOWNLOAD=1 npm ci --prefix .venv/npm-new --ignore-scripts --no-audit --no-fund --silent >&2; then
        mv .venv/npm-new .venv/npm # whole, or not at all
    else
        say "npm failed: tests that ask Ace and epub.js are left out"
    fi
}
compile_ourselves() { # a third of a start's time; an environment may forbid Python to do it by itself
    "$python" -m compileall -q src/publish
}
check_pango() {
    "$python" - <<'PYTHON' || stop "Pango 1.44 or later is needed: the system's is older, or can't be loaded"
import sys
from weasyprint.text.ffi import pango
sys.exit(pango.pango_version() < 14400)
PYTHON
}

if [ "$(uname -s)" = Darwin ] && has brew; then # Homebrew's libraries and Java are not on the default paths
    PATH="$PATH:$(brew --prefix)/opt/openjdk/bin"
    DYLD_FALLBACK_LIBRARY_PATH="$(brew --prefix)/lib"
    export PATH DYLD_FALLBACK_LIBRARY_PATH
fi
if [ "$wanted" = font ]; then
    [ -n "${2:-}" ] || stop 'say which: make font FONT="EB Garamond"'
    install_font "$2"
    say "done"
    exit
fi
install_system
install_welcome "$(missing_fonts)" "a book that needs these fonts will say so"
make_environment
install_locked
compile_ourselves
if [ "$wanted" != run ]; then
    install_welcome "$(missing_judges)" "tests that ask it are left out"
    install_npm
fi
check_pango
touch .venv/run.stamp ".venv/$wanted.stamp"
if [ "$wanted" = bench ]; then touch .venv/test.stamp; fi
say "done"
