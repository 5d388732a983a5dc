"""What code that a model wrote may use: modules with their names, builtins, special methods, attributes.

The code is run by a person outside of the box, so this is a list of what is allowed, not of what is known to be bad.
What is left out of a module that stands here has a comment. Nothing here gives a way to code, a module, a process or
the network by text or by name; which files code reads and writes with `open` and `Path` no list can tell.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING

from vaultc.language.lexicon import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES: Mapping[str, frozenset[str]] = {
    "__future__": listed("annotations"),
    "abc": listed("ABC ABCMeta abstractmethod"),
    # FileType opens files while arguments are read. `_SubParsersAction` is how a parser of commands is annotated.
    "argparse": listed(
        """
        Action ArgumentDefaultsHelpFormatter ArgumentError ArgumentParser ArgumentTypeError BooleanOptionalAction
        HelpFormatter MetavarTypeHelpFormatter Namespace ONE_OR_MORE OPTIONAL PARSER REMAINDER
        RawDescriptionHelpFormatter RawTextHelpFormatter SUPPRESS ZERO_OR_MORE _SubParsersAction
        """
    ),
    "array": listed("array"),
    "base64": listed(
        """
        a85decode a85encode b16decode b16encode b32decode b32encode b64decode b64encode b85decode b85encode
        standard_b64decode standard_b64encode urlsafe_b64decode urlsafe_b64encode
        """
    ),
    "binascii": listed("Error a2b_base64 a2b_hex b2a_base64 b2a_hex crc32 hexlify unhexlify"),
    "bisect": listed("bisect bisect_left bisect_right insort insort_left insort_right"),
    "calendar": listed(
        """
        Calendar FRIDAY HTMLCalendar IllegalMonthError IllegalWeekdayError MONDAY SATURDAY SUNDAY THURSDAY TUESDAY
        TextCalendar WEDNESDAY calendar day_abbr day_name isleap leapdays month month_abbr month_name monthcalendar
        monthrange timegm weekday weekheader
        """
    ),
    "cmath": listed(
        """
        acos acosh asin asinh atan atanh cos cosh e exp inf infj isclose isfinite isinf isnan log log10 nan nanj phase
        pi polar rect sin sinh sqrt tan tanh tau
        """
    ),
    "collections": listed("ChainMap Counter OrderedDict UserDict UserList UserString defaultdict deque namedtuple"),
    "collections.abc": listed(
        """
        ByteString Callable Collection Container Generator Hashable ItemsView Iterable Iterator KeysView Mapping
        MappingView MutableMapping MutableSequence MutableSet Reversible Sequence Set Sized ValuesView
        """
    ),
    "colorsys": listed("hls_to_rgb hsv_to_rgb rgb_to_hls rgb_to_hsv rgb_to_yiq yiq_to_rgb"),
    "configparser": listed(
        """
        BasicInterpolation ConfigParser DuplicateOptionError DuplicateSectionError Error ExtendedInterpolation
        InterpolationError MissingSectionHeaderError NoOptionError NoSectionError ParsingError RawConfigParser
        SectionProxy
        """
    ),
    # redirect_stdout reads and sets attributes of the module sys by a name that a subclass chooses.
    "contextlib": listed(
        "AbstractContextManager ContextDecorator ExitStack closing contextmanager nullcontext suppress"
    ),
    "copy": listed("copy deepcopy"),
    "csv": listed(
        """
        Dialect DictReader DictWriter Error QUOTE_ALL QUOTE_MINIMAL QUOTE_NONE QUOTE_NONNUMERIC Sniffer excel excel_tab
        reader unix_dialect writer
        """
    ),
    # make_dataclass builds a class from text; a Field that is had in hand can be given text as its name.
    "dataclasses": listed(
        "FrozenInstanceError InitVar KW_ONLY MISSING asdict astuple dataclass field is_dataclass replace"
    ),
    "datetime": listed("MAXYEAR MINYEAR UTC date datetime time timedelta timezone tzinfo"),
    "decimal": listed(
        """
        Clamped Context Decimal DecimalException DecimalTuple DivisionByZero FloatOperation Inexact InvalidOperation
        Overflow ROUND_05UP ROUND_CEILING ROUND_DOWN ROUND_FLOOR ROUND_HALF_DOWN ROUND_HALF_EVEN ROUND_HALF_UP ROUND_UP
        Rounded Subnormal Underflow getcontext localcontext setcontext
        """
    ),
    "difflib": listed("Differ Match SequenceMatcher context_diff get_close_matches ndiff restore unified_diff"),
    # global_enum writes into a module.
    "enum": listed("Enum Flag IntEnum IntFlag ReprEnum StrEnum UNIQUE auto member nonmember unique verify"),
    "fnmatch": listed("filter fnmatch fnmatchcase translate"),
    "fractions": listed("Fraction"),
    # wraps and update_wrapper copy attributes by name; singledispatch evaluates annotations.
    "functools": listed("cache cached_property cmp_to_key lru_cache partial reduce total_ordering"),
    "graphlib": listed("CycleError TopologicalSorter"),
    "gzip": listed("BadGzipFile GzipFile compress decompress open"),
    "hashlib": listed(
        "blake2b blake2s file_digest md5 new pbkdf2_hmac sha1 sha224 sha256 sha384 sha3_256 sha3_512 sha512"
    ),
    "heapq": listed("heapify heappop heappush heappushpop heapreplace merge nlargest nsmallest"),
    "hmac": listed("HMAC compare_digest digest new"),
    "html": listed("escape unescape"),
    "html.parser": listed("HTMLParser"),
    "io": listed("BufferedReader BufferedWriter BytesIO SEEK_CUR SEEK_END SEEK_SET StringIO TextIOBase TextIOWrapper"),
    "ipaddress": listed(
        """
        AddressValueError IPv4Address IPv4Interface IPv4Network IPv6Address IPv6Interface IPv6Network NetmaskValueError
        collapse_addresses ip_address ip_interface ip_network summarize_address_range
        """
    ),
    "itertools": listed(
        """
        accumulate chain combinations combinations_with_replacement compress count cycle dropwhile filterfalse groupby
        islice pairwise permutations product repeat starmap takewhile tee zip_longest
        """
    ),
    "json": listed("JSONDecodeError JSONDecoder JSONEncoder dump dumps load loads"),
    "keyword": listed("iskeyword issoftkeyword kwlist softkwlist"),
    # Handlers, and their configuration from text, open files and the network and name classes.
    "logging": listed(
        """
        CRITICAL DEBUG ERROR INFO Logger NOTSET NullHandler StreamHandler WARNING basicConfig critical debug error
        exception getLevelName getLogger info log warning
        """
    ),
    "math": listed(
        """
        acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist e erf erfc exp exp2 expm1
        fabs factorial floor fmod frexp fsum gamma gcd hypot inf isclose isfinite isinf isnan isqrt lcm ldexp lgamma log
        log10 log1p log2 modf nan nextafter perm pi pow prod radians remainder sin sinh sqrt tan tanh tau trunc ulp
        """
    ),
    "numbers": listed("Complex Integral Number Rational Real"),
    # attrgetter and methodcaller reach attributes by text, call calls whatever it is given.
    "operator": listed(
        """
        abs add and_ concat contains countOf delitem eq floordiv ge getitem gt iadd iconcat imul index indexOf inv
        invert is_ is_not isub itemgetter itruediv le length_hint lshift lt matmul mod mul ne neg not_ or_ pos pow
        rshift setitem sub truediv truth xor
        """
    ),
    "pathlib": listed("Path PosixPath PurePath PurePosixPath PureWindowsPath"),
    "pprint": listed("pformat pp pprint"),
    "random": listed(
        """
        Random SystemRandom betavariate choice choices expovariate gammavariate gauss getrandbits getstate
        lognormvariate normalvariate paretovariate randbytes randint random randrange sample seed setstate shuffle
        triangular uniform vonmisesvariate weibullvariate
        """
    ),
    "re": listed(
        """
        A ASCII DOTALL I IGNORECASE M MULTILINE Match NOFLAG Pattern RegexFlag S U UNICODE VERBOSE X compile error
        escape findall finditer fullmatch match purge search split sub subn
        """
    ),
    "secrets": listed("SystemRandom choice compare_digest randbelow randbits token_bytes token_hex token_urlsafe"),
    # shlex itself opens files that its input names.
    "shlex": listed("join quote split"),
    "sqlite3": listed(
        """
        Blob Connection Cursor DataError DatabaseError Error IntegrityError InterfaceError InternalError
        NotSupportedError OperationalError PARSE_COLNAMES PARSE_DECLTYPES ProgrammingError Row Warning connect
        register_adapter register_converter sqlite_version sqlite_version_info
        """
    ),
    "statistics": listed(
        """
        NormalDist StatisticsError correlation covariance fmean geometric_mean harmonic_mean linear_regression mean
        median median_grouped median_high median_low mode multimode pstdev pvariance quantiles stdev variance
        """
    ),
    # Formatter reads attributes by text.
    "string": listed(
        """
        Template ascii_letters ascii_lowercase ascii_uppercase capwords digits hexdigits octdigits printable
        punctuation whitespace
        """
    ),
    "struct": listed("Struct calcsize error iter_unpack pack pack_into unpack unpack_from"),
    # modules, path, hooks, frames and tracebacks lead to all that is loaded.
    "sys": listed(
        """
        argv byteorder exit float_info getdefaultencoding getrecursionlimit getsizeof hash_info int_info intern maxsize
        maxunicode platform stderr stdin stdout version version_info
        """
    ),
    "textwrap": listed("TextWrapper dedent fill indent shorten wrap"),
    "time": listed(
        """
        asctime ctime gmtime localtime mktime monotonic monotonic_ns perf_counter perf_counter_ns process_time
        process_time_ns sleep strftime strptime struct_time time time_ns timezone tzname
        """
    ),
    "tomllib": listed("TOMLDecodeError load loads"),
    # FunctionType, CodeType, ModuleType and new_class make what they are named for.
    "types": listed(
        "EllipsisType GenericAlias MappingProxyType NoneType NotImplementedType SimpleNamespace TracebackType"
    ),
    # get_type_hints and ForwardRef evaluate text; no_type_check turns a check off.
    "typing": listed(
        """
        AbstractSet Annotated Any AnyStr BinaryIO ByteString Callable ChainMap ClassVar Collection Concatenate Container
        ContextManager Counter DefaultDict Deque Dict Final FrozenSet Generator Generic Hashable IO ItemsView Iterable
        Iterator KeysView List Literal LiteralString Mapping MappingView Match MutableMapping MutableSequence MutableSet
        NamedTuple Never NewType NoReturn NotRequired Optional OrderedDict ParamSpec Pattern Protocol Required
        Reversible Self Sequence Set Sized SupportsAbs SupportsBytes SupportsComplex SupportsFloat SupportsIndex
        SupportsInt SupportsRound TYPE_CHECKING Text TextIO Tuple Type TypeAlias TypeGuard TypeVar TypeVarTuple
        TypedDict Union Unpack ValuesView assert_never cast final get_args get_origin overload runtime_checkable
        """
    ),
    "unicodedata": listed(
        """
        bidirectional category combining decimal decomposition digit east_asian_width is_normalized lookup mirrored name
        normalize numeric unidata_version
        """
    ),
    "urllib.parse": listed(
        """
        ParseResult SplitResult parse_qs parse_qsl quote quote_plus unquote unquote_plus urldefrag urlencode urljoin
        urlparse urlsplit urlunparse urlunsplit
        """
    ),
    # uuid1 and getnode start processes to learn the address of the machine.
    "uuid": listed("NAMESPACE_DNS NAMESPACE_OID NAMESPACE_URL NAMESPACE_X500 UUID uuid3 uuid4 uuid5"),
    # catch_warnings holds the module sys.
    "warnings": listed("filterwarnings simplefilter warn"),
    "xml.etree.ElementTree": listed(
        "Element ElementTree ParseError SubElement fromstring indent iterparse parse tostring"
    ),
    "zlib": listed("adler32 compress crc32 decompress error"),
    "zoneinfo": listed("ZoneInfo ZoneInfoNotFoundError available_timezones"),
}  # fmt: skip
IN_TESTS: Mapping[str, frozenset[str]] = {
    "ast": listed("AST Attribute Call Import ImportFrom Name literal_eval parse walk"),
    "inspect": listed("Parameter signature"),
    # importorskip, main and plugins load by name; skip and xfail leave open.
    "pytest": listed(
        """
        CaptureFixture ExceptionInfo LogCaptureFixture MonkeyPatch TempPathFactory WarningsRecorder approx
        deprecated_call fail fixture param raises warns
        """
    ),
    "pytest.mark": listed("parametrize"),
    "sys": listed("addaudithook stdlib_module_names"),
}
_FUNCTIONS = listed(
    """
    NotImplemented abs all any ascii bin bool bytearray bytes callable chr classmethod complex dict divmod enumerate
    filter float format frozenset hash hex id input int isinstance issubclass iter len list map max memoryview min next
    object oct open ord pow print property range repr reversed round set slice sorted staticmethod str sum super tuple
    type zip
    """
)
_ERRORS = frozenset(
    name for name, item in vars(builtins).items() if isinstance(item, type) and issubclass(item, BaseException)
)
BUILTINS = _FUNCTIONS | _ERRORS
# What lies beside them: code and attributes by text, the names of all that is there, and what only a prompt needs.
REFUSED_NAMES = frozenset(dir(builtins)) - BUILTINS | listed("copyright credits exit help license quit")
# Builtins that a class may build on.
BUILTIN_BASES = _ERRORS | listed("bytes complex dict float frozenset int list object set str tuple")
# Names with two underscores that a module has or sets.
MODULE_DUNDERS = listed("__name__ __all__ __version__ __doc__ __author__")
# Special methods and attributes that a class may define, or that may be read of a value.
DUNDERS = listed(
    """
    __init__ __post_init__ __new__ __str__ __repr__ __format__ __bytes__ __bool__ __hash__ __eq__ __ne__ __lt__ __le__
    __gt__ __ge__ __len__ __length_hint__ __iter__ __next__ __reversed__ __contains__ __getitem__ __setitem__
    __delitem__ __missing__ __call__ __enter__ __exit__ __add__ __radd__ __iadd__ __sub__ __rsub__ __isub__ __mul__
    __rmul__ __imul__ __matmul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ __mod__ __rmod__ __divmod__
    __pow__ __rpow__ __and__ __rand__ __or__ __ror__ __xor__ __rxor__ __lshift__ __rshift__ __neg__ __pos__ __abs__
    __invert__ __int__ __float__ __complex__ __index__ __round__ __trunc__ __floor__ __ceil__ __copy__ __deepcopy__
    __slots__ __match_args__ __doc__
    """
)
READ_DUNDERS = DUNDERS | listed("__name__ __qualname__ __members__ __cause__ __context__ __notes__")
# Names with one underscore that the library documents as public.
PRIVATE = listed(
    "_asdict _field_defaults _fields _generate_next_value_ _ignore_ _make _missing_ _name_ _replace _value_"
)
# Classes of the library that a class may build on; others hold state that is not meant for code by others.
BASES = listed(
    """
    abc.ABC argparse.Action argparse.ArgumentParser argparse.HelpFormatter argparse.RawDescriptionHelpFormatter
    argparse.RawTextHelpFormatter argparse.ArgumentDefaultsHelpFormatter argparse.ArgumentTypeError
    argparse.Namespace collections.ChainMap collections.Counter collections.OrderedDict collections.UserDict
    collections.UserList collections.UserString collections.defaultdict collections.deque configparser.ConfigParser
    contextlib.AbstractContextManager contextlib.ContextDecorator csv.Dialect csv.excel datetime.date
    datetime.datetime datetime.time datetime.timedelta datetime.tzinfo decimal.Decimal enum.Enum enum.Flag enum.IntEnum
    enum.IntFlag enum.ReprEnum enum.StrEnum fractions.Fraction html.parser.HTMLParser io.StringIO json.JSONDecoder
    json.JSONEncoder random.Random string.Template typing.Generic typing.NamedTuple typing.Protocol typing.TypedDict
    calendar.Calendar calendar.TextCalendar json.JSONDecodeError
    """
)
# Attributes of no value whatever: files are not deleted or renamed, code, frames, modules and loaders not reached.
_FILES = listed("unlink rmdir rename symlink_to hardlink_to link_to chmod lchmod")
_RUNNING = listed(
    """
    f_back f_builtins f_code f_globals f_locals f_trace gi_code gi_frame gi_yieldfrom cr_await cr_code cr_frame
    cr_origin ag_await ag_code ag_frame tb_frame tb_next co_code co_consts co_names traceback tb eval exec mro obj
    """
)
_LOADING = listed(
    """
    modules loader find_module find_spec load_module exec_module create_module import_module invalidate_caches
    load_extension enable_load_extension delattr syspath_prepend format_map pluginmanager getfixturevalue
    """
)
_NAMED_MODULES = listed(
    """
    _frozen_importlib asyncio builtins code codecs codeop ctypes gc genericpath importlib imp inspect io linecache
    marshal multiprocessing nt ntpath os pathmod pickle pkgutil posix posixpath pty runpy shutil signal socket ssl
    subprocess sys tempfile threading urllib
    """
) - {"code", "signal"}  # SystemExit.code, and what a program measures
REFUSED_ATTRIBUTES = frozenset(
    {*_FILES, *_RUNNING, *_LOADING, *_NAMED_MODULES, *(f"_{name}" for name in _NAMED_MODULES)}
    | listed("_flavour _accessor _module _stream _old_targets _globals _excinfo _path_importer_cache")
)
# In tests: what leads from a fixture to the test module and to pytest itself.
REFUSED_IN_TESTS = listed("request _config _item _node _pyfuncitem _request _session captureclass")
# Imported, these make classes or are made into code from names: each may stand in its usual place alone.
DECORATOR_ONLY = "dataclasses.dataclass"
FIELD_ONLY = "dataclasses.field"
METACLASS_ONLY = "abc.ABCMeta"
BASE_ONLY = listed(
    """
    enum.Enum enum.Flag enum.IntEnum enum.IntFlag enum.ReprEnum enum.StrEnum typing.NamedTuple typing.Protocol
    typing.TypedDict
    """
)
# What pytest gives to a test by the name of a parameter; others hand out the module, the configuration, the session.
FIXTURES = listed("capfd caplog capsys monkeypatch recwarn tmp_path tmp_path_factory")
# What a test may put something else in place of, by its dotted name.
PATCHED = listed("builtins.input builtins.print sys.argv sys.stderr sys.stdin sys.stdout time.sleep")


def is_of_python(module: str) -> bool:
    """Tell whether `module` comes with Python."""
    return module.partition(".")[0] in sys.stdlib_module_names


def offered(module: str, *, is_test: bool) -> frozenset[str] | None:
    """Give the names of `module` that may be used, or None for a module that may not be."""
    found = MODULES.get(module)
    if is_test and module in IN_TESTS:
        return (found or frozenset()) | IN_TESTS[module]
    return found
