using System.Text;
using Sluice.Schemas.Jinja;
using Sluice.Testing;

namespace Sluice.Schemas.Tests;

/// <summary>Templates of parameters. What is expected was rendered by Jinja2 3.1.6 in its immutable sandbox with ChainableUndefined, as Prefect uses it.</summary>
public sealed class JinjaTests
{
    public static TheoryData<string, string> Templates => new()
    {
        { "plain", "plain" },
        { "{{ 1+1 }}", "2" },
        { "{{ 7 // 2 }} {{ 7 % 3 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 4 / 2 }}", "3 1 -4 2 3.5 2.0" },
        { "{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 3 ** 2 }} {{ (-1) ** 5 }} {{ -2 ** 2 }}", "1024 0.5 64 -1 4" },
        { "{{ 1.0 }} {{ 0.1 + 0.2 }} {{ 1e16 }} {{ 1e15 }} {{ 1e-5 }} {{ 0.0001 }} {{ 123456.789 }} {{ 1.5e300 }} {{ -0.5 }} {{ 100.0 }} {{ 1_000 }}", "1.0 0.30000000000000004 1e+16 1000000000000000.0 1e-05 0.0001 123456.789 1.5e+300 -0.5 100.0 1000" },
        { "{{ 'a' ~ 1 ~ none ~ true }}", "a1NoneTrue" },
        { "{{ \"it's\" }} {{ ['it\\'s', \"a\\\"b\", 'x'] }} {{ ['a\\nb', 'c\\\\d'] }}", "it's [\"it's\", 'a\"b', 'x'] ['a\\nb', 'c\\\\d']" },
        { "{{ [1, 'a', none, true, 2.5] }} {{ (1, 2) }} {{ (1,) }} {{ () }} {{ {'a': 1, 'b': [2]} }} {{ [] }} {{ {} }}", "[1, 'a', None, True, 2.5] (1, 2) (1,) () {'a': 1, 'b': [2]} [] {}" },
        { "{{ 1, 2 }}", "(1, 2)" },
        { "{{ 'abc'[1] }} {{ 'abc'[-1] }} {{ [1,2,3][0] }} {{ [1,2,3][9] }}| {{ {'a': {'b': 3}}.a.b }} {{ {'a': 1}['a'] }}", "b c 1 | 3 1" },
        { "{{ [1,2,3,4][1:3] }} {{ 'abcdef'[::2] }} {{ 'abcdef'[::-1] }} {{ [1,2,3][:-1] }} {{ [1,2,3][5:] }}", "[2, 3] ace fedcba [1, 2] []" },
        { "{{ nope }}|{{ nope.a.b[0] }}|{{ nope is defined }}|{{ nope or 'x' }}|{{ nope|default('d') }}", "||False|x|d" },
        { "{{ 'yes' if 1 < 2 else 'no' }} {{ 'a' if false }}|{{ 1 if 0 else 2 if 0 else 3 }}", "yes |3" },
        { "{{ 1 < 2 < 3 }} {{ 1 == 1.0 }} {{ 'a' < 'b' }} {{ [1,2] < [1,3] }} {{ 1 != 2 }} {{ 2 >= 2 }} {{ true == 1 }}", "True True True True True True True" },
        { "{{ 'b' in 'abc' }} {{ 2 in [1,2] }} {{ 'a' in {'a': 1} }} {{ 3 not in [1] }} {{ not 1 in [1] }}", "True True True True False" },
        { "{{ 1 and 2 }} {{ 0 or 'x' }} {{ not [] }} {{ none and 1 }} {{ true and not false }}", "2 x True None True" },
        { "{{ 'a' 'b' }} {{ 'ab' * 3 }} {{ [1] + [2] }} {{ -3|abs }} {{ +5 }} {{ - 5 + 2 }}", "ab ababab [1, 2] 3 5 -3" },
        { "{% if 1 == 2 %}a{% elif 2 == 2 %}b{% else %}c{% endif %}", "b" },
        { "{% for i in range(3) %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}", "0,1,2" },
        { "{% for i in [] %}x{% else %}none{% endfor %}", "none" },
        { "{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}", "a=1;b=2;" },
        { "{% for i in range(6) if i is even %}{{ loop.index }}:{{ i }} {% endfor %}", "1:0 2:2 3:4 " },
        { "{% for i in range(2) %}{% for j in range(2) %}{{ i }}{{ j }}{{ loop.index0 }}{{ loop.length }} {% endfor %}{% endfor %}", "0002 0112 1002 1112 " },
        { "{% for i in [1,2,3] %}{{ loop.cycle('odd','even') }}{{ loop.first }}{{ loop.revindex }}{{ loop.previtem }}{{ loop.nextitem }} {% endfor %}", "oddTrue32 evenFalse213 oddFalse12 " },
        { "{% set x = 3 %}{{ x * 2 }}{% for i in [1] %}{% set x = 9 %}{{ x }}{% endfor %}{{ x }}", "693" },
        { "{% set ns = namespace(n=0) %}{% for i in range(4) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "6" },
        { "{% set t %}a{{ 1 }}b{% endset %}[{{ t }}]", "[a1b]" },
        { "{# comment #}a{#- x -#} b", "ab" },
        { "a {{- 'b' -}} c {%- if true -%} d {%- endif %} e", "abcd e" },
        { "{% raw %}{{ not }} {% if %}{% endraw %}!", "{{ not }} {% if %}!" },
        { "{% raw %}{%}{% endraw %}", "{%}" },
        { "{{ '{{' }}{{ \"%}\" }}", "{{%}" },
        { "{{ range(5)|list }} {{ range(1, 10, 3)|list }} {{ range(3, 0, -1)|list }} {{ dict(a=1, b=2) }}", "[0, 1, 2, 3, 4] [1, 4, 7] [3, 2, 1] {'a': 1, 'b': 2}" },
        { "{{ 'hello world'|upper }} {{ 'HELLO'|lower }} {{ 'hello WORLD'|capitalize }} {{ \"it's a big-thing\"|title }} {{ '  x '|trim }}|{{ 'xxaxx'|trim('x') }}", "HELLO WORLD hello Hello world It's A Big-Thing x|a" },
        { "{{ [3,1,2]|sort }} {{ [3,1,2]|sort(reverse=true) }} {{ ['b','A','c']|sort }} {{ ['b','A']|sort(case_sensitive=true) }} {{ [{'a':2},{'a':1}]|sort(attribute='a') }}", "[1, 2, 3] [3, 2, 1] ['A', 'b', 'c'] ['A', 'b'] [{'a': 1}, {'a': 2}]" },
        { "{{ [1,2,3]|sum }} {{ [{'a':1},{'a':2}]|sum(attribute='a') }} {{ [1,2]|sum(start=10) }} {{ [1,5,3]|max }} {{ [4,2]|min }} {{ []|max }}|", "6 3 13 5 2 |" },
        { "{{ [1,2,3]|first }} {{ [1,2,3]|last }} {{ []|first }}| {{ 'abc'|first }} {{ [1,2,3]|length }} {{ {'a':1}|count }} {{ 'abc'|length }}", "1 3 | a 3 1 3" },
        { "{{ [1,2,3]|join(', ') }} {{ ['a','b']|join }} {{ [{'n':'x'},{'n':'y'}]|join('-', attribute='n') }}", "1, 2, 3 ab x-y" },
        { "{{ 'a-b-c'|replace('-', '+') }} {{ 'a-b-c'|replace('-', '+', 1) }} {{ 'ab'|replace('', '.') }}", "a+b+c a+b-c .a.b." },
        { "{{ [1,2,3]|reverse|list }} {{ 'abc'|reverse }} {{ [1,1,2,'A','a']|unique|list }} {{ {'b':1,'a':2}|dictsort }} {{ {'b':1}|items|list }}", "[3, 2, 1] cba [1, 2, 'A'] [('a', 2), ('b', 1)] [('b', 1)]" },
        { "{{ '42'|int }} {{ 'x'|int }} {{ 'x'|int(7) }} {{ '3.7'|int }} {{ 3.9|int }} {{ '1.5'|float }} {{ 'x'|float }} {{ 5|float }} {{ 'x'|float(2.5) }} {{ true|int }}", "42 0 7 3 3 1.5 0.0 5.0 2.5 1" },
        { "{{ 2.5|round }} {{ 3.14159|round(2) }} {{ 2.1|round(0, 'ceil') }} {{ 2.9|round(0, 'floor') }} {{ 1234.5|round(-2) }} {{ 7|round }}", "2.0 3.14 3.0 2.0 1200.0 7" },
        { "{{ ['a','b']|map('upper')|list }} {{ [{'a':1},{'b':2}]|map(attribute='a')|list }} {{ [{'a':1},{'b':2}]|map(attribute='a', default=0)|list }} {{ ['1','2']|map('int')|sum }}", "['A', 'B'] [1, Undefined] [1, 0] 3" },
        { "{{ [1,2,3,4]|select('even')|list }} {{ [0,1]|select|list }} {{ [1,2]|reject('odd')|list }} {{ [{'a':1},{'a':0}]|selectattr('a')|list }} {{ [{'a':1},{'a':5}]|rejectattr('a','gt',2)|list }} {{ [{'a':1}]|selectattr('a','equalto',1)|list|length }}", "[2, 4] [1] [2] [{'a': 1}] [{'a': 1}] 1" },
        { "{{ {'b': [1, none, 'x<y>&\\'\"'], 'a': 1.5}|tojson }} {{ '\u00e9'|tojson }} {{ [1,2]|tojson(indent=2) }}", "{\"a\": 1.5, \"b\": [1, null, \"x\\u003cy\\u003e\\u0026\\u0027\\\"\"]} \"\\u00e9\" [\n  1,\n  2\n]" },
        { "{{ none|default('x') }} {{ none|default('x', true) }} {{ ''|d('y', boolean=true) }}", "None x y" },
        { "{{ '<a href=\"x\">\\'&'|escape }} {{ 'a b/c?\u00e9'|urlencode }} {{ 'one two  three'|wordcount }}", "&lt;a href=&#34;x&#34;&gt;&#39;&amp; a%20b/c%3F%C3%A9 3" },
        { "{{ 'a long text that is cut somewhere here'|truncate(20) }} {{ 'a long text that is cut'|truncate(10, true) }} {{ 'short'|truncate(3, end='') }} {{ 'abcdefghijk'|truncate(5, false, '..', 0) }}", "a long text that... a long ... short abc.." },
        { "{{ 'a\\nb\\n\\nc'|indent(2) }}|{{ 'a\\nb'|indent(2, true) }}|{{ 'a\\nb'|indent('> ') }}", "a\n  b\n\n  c|  a\n  b|a\n> b" },
        { "{{ 'ab'|center(6) }}| {{ 'ab'|center(7) }}| {{ 'abc'|center(6) }}|{{ [1,2,3,4,5]|batch(2)|list }} {{ [1,2,3]|batch(2, 0)|list }}", "  ab  |    ab  |  abc  |[[1, 2], [3, 4], [5]] [[1, 2], [3, 0]]" },
        { "{{ 'a,b,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ ','.join(['x','y']) }} {{ 'abc'.upper() }} {{ 'xABx'.strip('x').lower() }} {{ 'a-b'.replace('-', '') }} {{ 'abc'.startswith('a') }} {{ 'abc'.find('c') }} {{ 'banana'.count('an') }} {{ '7'.zfill(3) }} {{ '-7'.zfill(4) }} {{ '12'.isdigit() }}", "['a', 'b', 'c'] ['a', 'b'] ['a', 'b,c'] x,y ABC ab ab True 2 2 007 -007 True" },
        { "{{ {'a':1}.get('a') }} {{ {'a':1}.get('b') }} {{ {'a':1}.get('b', 2) }} {{ {'a':1}.keys()|list }} {{ {'a':1}.values()|list }} {{ [1,2,1].count(1) }} {{ [1,2].index(2) }}", "1 None 2 ['a'] [1] 2 1" },
        { "{{ 1 is odd }} {{ 2 is divisibleby 2 }} {{ 'a' is string }} {{ 1 is number }} {{ none is none }} {{ [] is iterable }} {{ {} is mapping }} {{ 1.5 is float }} {{ true is boolean }} {{ 'abc' is lower }} {{ 1 is not even }} {{ 2 is in [1,2] }} {{ 3 is eq 3 }} {{ 3 is gt(2) }} {{ 1 is integer }} {{ true is true }}", "True True True True True True True True True True True True True True True True" },
        { "{{ 'a' if x is defined else 'b' }} {{ x is undefined and true }}", "b True" },
        { "line1\nline2 {{ 1 }}\n", "line1\nline2 1" },
        { "x\r\n{{ 1 }}\r\n", "x\n1" },
        { "{{ 1e999 }} {{ (-9223372036854775807 - 1) is divisibleby(-1) }} {{ 'ab'|truncate(300, true, '...', -1000) }}", "inf True ab..." },
        { "", "" },
        { "\n", "" },
        { "{{ [1,\n 2] }}", "[1, 2]" },
        { "{%- set a = 1 %}\n{{ a }}\n", "\n1" },
        { "{{ 'z\u00fcrich \u6771\u4eac \ud83d\ude00' | length }} {{ '\u6771\u4eac'|upper }} {{ '\ud83d\ude00x'[0] }}", "11 \u6771\u4eac \ud83d\ude00" },
    };

    [Theory, MemberData(nameof(Templates))]
    public void A_template_renders_as_Jinja_renders_it(string template, string expected) => JinjaTemplate.Render(template).ShouldBe(expected);

    [Theory]
    [InlineData("{{ 1", "'{{' is not closed by '}}' (line 1)")]
    [InlineData("a\n{{ 1 + }}", "unexpected '}}' (line 2)")]
    [InlineData("{{ 'a }}", "a text is not closed (line 1)")]
    [InlineData("{% if 1 %}x", "'if' is not closed by 'endif' (line 1)")]
    [InlineData("{% for x in [1] %}", "'for' is not closed by 'endfor' (line 1)")]
    [InlineData("{% endif %}", "Encountered unknown tag 'endif'. (line 1)")]
    [InlineData("{% macro a() %}{% endmacro %}", "'macro' is not supported; what is: if, for, set, raw (line 1)")]
    [InlineData("{% include 'x' %}", "'include' is not supported; what is: if, for, set, raw (line 1)")]
    [InlineData("{{ 1 | nope }}", "No filter named 'nope'. (line 1)")]
    [InlineData("{{ 1 | filesizeformat }}", "The filter 'filesizeformat' is not supported (line 1)")]
    [InlineData("{{ 1 is nope }}", "No test named 'nope'. (line 1)")]
    [InlineData("{{ nope + 1 }}", "'nope' is undefined (line 1)")]
    [InlineData("{{ nope() }}", "'nope' is undefined (line 1)")]
    [InlineData("{{ 'a' + 1 }}", "unsupported operand type(s) for +: 'str' and 'int' (line 1)")]
    [InlineData("{{ 1 / 0 }}", "division by zero (line 1)")]
    [InlineData("{{ 1 % 0 }}", "integer division or modulo by zero (line 1)")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "A number is too large (line 1)")]
    [InlineData("{{ 99999999999999999999 }}", "99999999999999999999 is too large (line 1)")]
    [InlineData("{{ 10 ** 100 }}", "A number is too large (line 1)")]
    [InlineData("{{ range(101) }}", "Range too big. The sandbox blocks ranges larger than 100. (line 1)")]
    [InlineData("{{ range(0, 9223372036854775807) }}", "Range too big. The sandbox blocks ranges larger than 100. (line 1)")]
    [InlineData("{{ ''.__class__ }}", "access to attribute '__class__' of 'str' object is unsafe. (line 1)")]
    [InlineData("{{ [].append(1) }}", "'list' has no method 'append' that a template may call (line 1)")]
    [InlineData("{{ 'a'.format(1) }}", "'str' has no method 'format' that a template may call (line 1)")]
    [InlineData("{{ 'x' * 1000000000 }}", "The template makes a text of more than 262144 characters (line 1)")]
    [InlineData("{{ 'x'|center(1000000000) }}", "The template makes a text of more than 262144 characters (line 1)")]
    [InlineData("{% for x in 5 %}{% endfor %}", "'int' object is not iterable (line 1)")]
    [InlineData("{% set x.y = 1 %}", "cannot assign attribute on non-namespace object (line 1)")]
    [InlineData("{{ dict(a=1, a=2) }}", "keyword argument repeated: a (line 1)")]
    [InlineData("{{ 1 2 }}", "unexpected '2' (line 1)")]
    [InlineData("{{ $ }}", "unexpected char '$' (line 1)")]
    public void What_cannot_be_rendered_is_refused_with_its_place(string template, string message) =>
        Should.Throw<JinjaException>(() => JinjaTemplate.Render(template)).Message.ShouldBe(message);

    [Fact]
    public void Loops_are_bounded_as_Prefects_are()
    {
        string Loops(int count) => string.Concat(Enumerable.Repeat("{% for i in [1] %}x{% endfor %}", count));
        JinjaTemplate.Render(Loops(10)).ShouldBe("xxxxxxxxxx");
        Should.Throw<JinjaException>(() => JinjaTemplate.Render(Loops(11))).Message.ShouldContain("no more than 10 for loops");
        Should.Throw<JinjaException>(() => JinjaTemplate.Render("{% for a in [1] %}{% for b in [1] %}{% for c in [1] %}{% endfor %}{% endfor %}{% endfor %}"))
            .Message.ShouldContain("no more than 2 loops deep");
    }

    [Theory]
    [InlineData("{% for i in range(100) %}{% for j in range(100) %}{{ range(100)|map('string')|map('upper')|join|replace('1', '11')|length }}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(t='x') %}{% for i in range(100) %}{% for j in range(100) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}{% endfor %}")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = ns.l + ns.l %}{% endfor %}")]
    [InlineData("{% for i in range(100) %}{% for j in range(100) %}{{ range(100)|sort|unique|list|tojson }}{% endfor %}{% endfor %}")]
    public void Much_work_ends_early(string template)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<JinjaException>(() => JinjaTemplate.Render(template));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(512L << 20);
    }

    public static TheoryData<string, string> Heavy => new()
    {
        { "a list of itself doubled, as text", Doubled + "{{ ns.a }}" },
        { "two lists doubled, compared", Doubled + "{% set b = ns.a %}{% set ns.a = ['x'] %}{% for i in range(30) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a == b }}" },
        { "two lists doubled, ordered", Doubled + "{% set b = ns.a %}{% set ns.a = ['x'] %}{% for i in range(30) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a < b }}" },
        { "letters of a long text", "{% set s = 'x' * 262144 %}{% for i in range(100) %}{% for j in range(100) %}{% set t = s|list %}{% endfor %}{% endfor %}" },
        { "the last letter of a long text", "{% set s = 'x' * 262144 %}{% for i in range(100) %}{% for j in range(100) %}{% set t = s[-1] %}{% endfor %}{% endfor %}" },
        { "texts kept", "{% set s = 'x' * 262144 %}{% set ns = namespace(l=[]) %}{% for i in range(100) %}{% for j in range(100) %}{% set ns.l = [ns.l, s|upper] %}{% endfor %}{% endfor %}" },
        { "a long separator", "{% set s = 'x' * 262144 %}{{ (range(100)|list * 1 if false else range(100)|list)|join(s) }}" },
        { "long texts as JSON", "{% set s = 'x' * 262144 %}{{ [s, s, s, s, s, s, s, s]|tojson }}" },
        { "escapes of escapes", "{% set ns = namespace(s='%' * 1000) %}{% for i in range(60) %}{% set ns.s = ns.s|urlencode %}{% endfor %}" },
        { "letters to cut", "{% set s = 'x' * 200000 %}{{ s.strip('" + string.Concat(Enumerable.Range(0x4e00, 20000).Select(c => (char)c)) + "x') }}" },
        { "a search that nearly finds", "{% set s = 'ab' * 100000 %}{{ ('ab' * 20000 ~ 'c' ~ 'ab' * 20000) in s }}" },
    };

    private const string Doubled = "{% set ns = namespace(a=['x']) %}{% for i in range(30) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}";

    [Theory, MemberData(nameof(Heavy))]
    public void Whatever_goes_through_much_pays_for_it(string what, string template)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<JinjaException>(() => JinjaTemplate.Render(template), what);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(256L << 20, what);
    }

    /// <summary>On a small stack, as threads of a server have it elsewhere. An overflow cannot be caught: it would end the test program.</summary>
    [Theory]
    [InlineData("x", "()")]
    [InlineData("x", ".a")]
    [InlineData("x", "[0]")]
    [InlineData("1", "|e")]
    [InlineData("1", "+1")]
    [InlineData("1", "~1")]
    [InlineData("1", " or 1")]
    [InlineData("1", " is odd")]
    public void Long_chains_are_rendered_or_refused(string first, string link)
    {
        string template = "{{ " + first + string.Concat(Enumerable.Repeat(link, 64_000 / link.Length)) + " }}";
        Ends(() => JinjaTemplate.Render(template));
        Ends(() => JinjaTemplate.Render("{{ 'a'|map(" + string.Concat(Enumerable.Repeat("'map',", 10_000)) + "'upper') }}"));
    }

    [Fact]
    public void What_holds_itself_is_no_endless_comparison()
    {
        Ends(() => JinjaTemplate.Render("{% set n = namespace() %}{% set n.a = n %}{{ n == n }}").ShouldBe("True"));
        Ends(() => JinjaTemplate.Render("{% set n = namespace() %}{% set n.a = n %}{% set m = namespace() %}{% set m.a = m %}{{ n == m }}"));
    }

    private static void Ends(Action render)
    {
        Exception? failed = null;
        var thread = new Thread(() => failed = Record.Exception(render), 512 * 1024);
        thread.Start();
        thread.Join();
        (failed is null or JinjaException).ShouldBeTrue(failed?.ToString());
    }

    [Fact]
    public void Deep_nesting_is_refused_and_not_a_crash()
    {
        foreach (string template in new[] { "{{ " + new string('(', 5000), "{{ " + new string('[', 5000), "{{ " + new string('-', 5000) + "1 }}", string.Concat(Enumerable.Repeat("{% if 1 %}", 5000)), "{{ " + string.Concat(Enumerable.Repeat("not ", 5000)) + "1 }}", "{{ 1" + string.Concat(Enumerable.Repeat(" if 1 else 1", 5000)) + " }}" })
            Should.Throw<JinjaException>(() => JinjaTemplate.Render(template));
        string nested = "{% set ns = namespace(l=[]) %}{% for i in range(100) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}";
        Should.Throw<JinjaException>(() => JinjaTemplate.Render(nested)).Message.ShouldContain("nests too deeply");
    }

    /// <summary>Templates cut up and put together at random: rendered or refused, never anything else.</summary>
    [Fact]
    public void Random_templates_are_rendered_or_refused()
    {
        string[] parts = [.. Templates.Select(row => row.Data.Item1).SelectMany(template => template.Split(' ')), "{{", "}}", "{%", "%}", "{#", "#}", "|", "is", "(", ")", "[", "]", "'", "\"", "9223372036854775807", "-", "**", "*", "range(", "not", "in", "\\u12", "{% raw %}"];
        var random = new Random(Fuzz.Seed);
        for (int i = 0; i < Fuzz.Count(20_000); i++)
        {
            var template = new StringBuilder();
            for (int count = random.Next(1, 12); count > 0; count--)
                template.Append(parts[random.Next(parts.Length)]).Append(random.Next(3) == 0 ? "" : " ");
            try
            {
                JinjaTemplate.Render(template.ToString()).ShouldNotBeNull();
            }
            catch (JinjaException error)
            {
                error.Line.ShouldBeGreaterThan(0);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {Fuzz.Seed}, {template}: {error.GetType().Name}", error);
            }
        }
    }
}
