using System.Globalization;
using System.Text;

namespace Sluice.Schemas.Jinja;

/// <summary>Reads statements and expressions with Jinja's precedences.</summary>
internal sealed class JinjaParser(List<Token> tokens)
{
    /// <summary>Prefect's limits for templates of users.</summary>
    private const int MostLoops = 10;
    private const int DeepestLoops = 2;
    private const int DeepestNesting = 60;

    private int _at;
    private int _loops;
    private int _loopDepth;
    private int _depth;

    private Token Now => tokens[_at];

    public IReadOnlyList<Statement> Parse()
    {
        List<Statement> statements = Body([]);
        return Now.Kind == TokenKind.End ? statements : throw Unexpected();
    }

    private List<Statement> Body(string[] ends)
    {
        Deeper();
        var statements = new List<Statement>();
        while (Now.Kind != TokenKind.End)
        {
            Token token = Now;
            if (token.Kind == TokenKind.BeginBlock && tokens[_at + 1] is { Kind: TokenKind.Name } word && ends.Contains(word.Text))
                break;
            _at++;
            switch (token.Kind)
            {
                case TokenKind.Data:
                    statements.Add(new DataStatement(token.Text, token.Line));
                    break;
                case TokenKind.BeginPrint:
                    statements.Add(new PrintStatement(TupleOrExpression(), token.Line));
                    Take(TokenKind.EndPrint);
                    break;
                case TokenKind.BeginBlock:
                    statements.Add(Block());
                    break;
                default:
                    throw Unexpected();
            }
        }
        _depth--;
        return statements;
    }

    private Statement Block()
    {
        Token word = Take(TokenKind.Name);
        return word.Text switch
        {
            "if" => If(word),
            "for" => For(word),
            "set" => Set(word),
            "macro" or "include" or "import" or "from" or "extends" or "block" or "call" or "filter" or "with" or "autoescape" or "do" or "trans" =>
                throw new JinjaException(word.Line, $"'{word.Text}' is not supported; what is: if, for, set, raw"),
            _ => throw new JinjaException(word.Line, $"Encountered unknown tag '{word.Text}'."),
        };
    }

    private IfStatement If(Token word)
    {
        var branches = new List<(Expression? Condition, List<Statement> Body)>();
        Expression? condition = Expression();
        while (true)
        {
            Take(TokenKind.EndBlock);
            branches.Add((condition, Body(["elif", "else", "endif"])));
            string next = BlockWord(word);
            if (next == "endif")
                break;
            if (condition is null)
                throw Unexpected();
            condition = next == "elif" ? Expression() : null;
        }
        Take(TokenKind.EndBlock);
        return new(branches, word.Line);
    }

    private ForStatement For(Token word)
    {
        if (++_loops > MostLoops)
            throw new JinjaException(word.Line, $"Contains more than {MostLoops} for loops. Templates can contain no more than {MostLoops} for loops.");
        if (++_loopDepth > DeepestLoops)
            throw new JinjaException(word.Line, $"Contains nested for loops at a depth of {_loopDepth}. Templates can nest for loops no more than {DeepestLoops} loops deep.");
        List<string> names = [];
        do
            names.Add(Take(TokenKind.Name).Text);
        while (Skip(","));
        if (!SkipName("in"))
            throw Unexpected();
        Expression items = TupleOrExpression(conditional: false);
        Expression? filter = SkipName("if") ? Expression() : null;
        if (Now is { Kind: TokenKind.Name, Text: "recursive" })
            throw new JinjaException(Now.Line, "recursive loops are not supported");
        Take(TokenKind.EndBlock);
        List<Statement> body = Body(["else", "endfor"]);
        List<Statement> otherwise = [];
        if (BlockWord(word) == "else")
        {
            Take(TokenKind.EndBlock);
            otherwise = Body(["endfor"]);
            BlockWord(word);
        }
        Take(TokenKind.EndBlock);
        _loopDepth--;
        return new(names, items, filter, body, otherwise, word.Line);
    }

    private SetStatement Set(Token word)
    {
        string name = Take(TokenKind.Name).Text;
        string? member = Skip(".") ? Take(TokenKind.Name).Text : null;
        if (Skip("="))
        {
            Expression value = TupleOrExpression();
            Take(TokenKind.EndBlock);
            return new(name, member, value, null, word.Line);
        }
        Take(TokenKind.EndBlock);
        List<Statement> body = Body(["endset"]);
        BlockWord(word);
        Take(TokenKind.EndBlock);
        return new(name, member, null, body, word.Line);
    }

    private string BlockWord(Token opened)
    {
        if (Now.Kind == TokenKind.End)
            throw new JinjaException(opened.Line, $"'{opened.Text}' is not closed by 'end{opened.Text}'");
        Take(TokenKind.BeginBlock);
        return Take(TokenKind.Name).Text;
    }

    private Expression TupleOrExpression(bool conditional = true)
    {
        int line = Now.Line;
        Expression first = conditional ? Expression() : Or();
        if (Now is not { Kind: TokenKind.Operator, Text: "," })
            return first;
        List<Expression> items = [first];
        while (Skip(",") && Now.Kind is not (TokenKind.EndPrint or TokenKind.EndBlock))
            items.Add(conditional ? Expression() : Or());
        return new ListExpression(items, true, line);
    }

    private Expression Expression()
    {
        Deeper();
        Expression value = Or();
        while (SkipName("if"))
        {
            int line = Now.Line;
            Expression condition = Or();
            value = new ConditionalExpression(condition, value, SkipName("else") ? Expression() : null, line);
        }
        _depth--;
        return value;
    }

    private Expression Or()
    {
        Expression left = And();
        while (SkipName("or"))
            left = new LogicExpression(left, And(), false, left.Line);
        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (SkipName("and"))
            left = new LogicExpression(left, Not(), true, left.Line);
        return left;
    }

    private Expression Not()
    {
        int line = Now.Line;
        if (!SkipName("not"))
            return Compare();
        Deeper();
        Expression inner = Not();
        _depth--;
        return new NotExpression(inner, line);
    }

    private Expression Compare()
    {
        Expression left = Sum();
        var parts = new List<(string Operator, Expression Right)>();
        while (true)
        {
            string? op = Now is { Kind: TokenKind.Operator, Text: "==" or "!=" or "<" or "<=" or ">" or ">=" } or { Kind: TokenKind.Name, Text: "in" } ? Now.Text
                : Now is { Kind: TokenKind.Name, Text: "not" } && tokens[_at + 1] is { Kind: TokenKind.Name, Text: "in" } ? "not in" : null;
            if (op is null)
                return parts.Count == 0 ? left : new CompareExpression(left, parts, left.Line);
            _at += op == "not in" ? 2 : 1;
            parts.Add((op, Sum()));
        }
    }

    private Expression Sum() => Binary(Concat, "+", "-");

    private Expression Concat() => Binary(Product, "~");

    private Expression Product() => Binary(Power, "*", "/", "//", "%");

    private Expression Power() => Binary(() => Unary(filters: true), "**");

    private Expression Binary(Func<Expression> operand, params string[] operators)
    {
        Expression left = operand();
        while (Now.Kind == TokenKind.Operator && operators.Contains(Now.Text))
        {
            Token op = tokens[_at++];
            left = new BinaryExpression(left, op.Text, operand(), op.Line);
        }
        return left;
    }

    private Expression Unary(bool filters)
    {
        Token token = Now;
        Expression value;
        if (Skip("-") || Skip("+"))
        {
            Deeper();
            value = new UnaryExpression(Unary(filters: false), token.Text == "-", token.Line);
            _depth--;
        }
        else
        {
            value = Primary();
        }
        return Postfix(value, filters);
    }

    private Expression Postfix(Expression value, bool filters)
    {
        while (true)
        {
            int line = Now.Line;
            if (Skip("."))
                value = new MemberExpression(value, new LiteralExpression(Now.Kind == TokenKind.Integer ? Integer(tokens[_at++]) : Take(TokenKind.Name).Text, line), true, line);
            else if (Skip("["))
                value = Subscript(value, line);
            else if (Skip("("))
                value = new CallExpression(value, Arguments(), line);
            else if (filters && Skip("|"))
                value = new FilterExpression(value, Take(TokenKind.Name).Text, Skip("(") ? Arguments() : JinjaArguments.None, line);
            else if (filters && SkipName("is"))
                value = Test(value, line);
            else
                return value;
        }
    }

    private Expression Subscript(Expression value, int line)
    {
        Expression? from = Now is { Text: ":" } ? null : Expression();
        if (Skip("]"))
            return new MemberExpression(value, from!, false, line);
        Expression? to = null, step = null;
        Must(":");
        if (Now is not { Kind: TokenKind.Operator, Text: "]" or ":" })
            to = Expression();
        if (Skip(":") && Now is not { Kind: TokenKind.Operator, Text: "]" })
            step = Expression();
        Must("]");
        return new SliceExpression(value, from, to, step, line);
    }

    private Expression Test(Expression value, int line)
    {
        bool negated = SkipName("not");
        Token name = Take(TokenKind.Name);
        JinjaArguments arguments = JinjaArguments.None;
        if (Skip("("))
            arguments = Arguments();
        else if (Now.Kind is TokenKind.Text or TokenKind.Integer or TokenKind.Real || Now is { Kind: TokenKind.Operator, Text: "[" or "{" }
            || Now is { Kind: TokenKind.Name, Text: not ("else" or "or" or "and" or "if" or "is" or "in" or "not") })
            arguments = new([Postfix(Primary(), filters: false)], []);
        return new TestExpression(value, name.Text, arguments, negated, line);
    }

    private JinjaArguments Arguments()
    {
        var values = new List<Expression>();
        var named = new List<(string Name, Expression Value)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (!Skip(")"))
        {
            if (values.Count + named.Count > 0)
            {
                Must(",");
                if (Skip(")"))
                    break;
            }
            if (Now.Kind == TokenKind.Name && tokens[_at + 1] is { Kind: TokenKind.Operator, Text: "=" })
            {
                string name = tokens[_at].Text;
                _at += 2;
                if (!names.Add(name))
                    throw new JinjaException(Now.Line, $"keyword argument repeated: {name}");
                named.Add((name, Expression()));
            }
            else
            {
                values.Add(Expression());
            }
        }
        return new(values, named);
    }

    private Expression Primary()
    {
        Token token = tokens[_at];
        switch (token.Kind)
        {
            case TokenKind.Name:
                _at++;
                return token.Text switch
                {
                    "true" or "True" => new LiteralExpression(true, token.Line),
                    "false" or "False" => new LiteralExpression(false, token.Line),
                    "none" or "None" => new LiteralExpression(null, token.Line),
                    _ => new NameExpression(token.Text, token.Line),
                };
            case TokenKind.Text:
                var text = new StringBuilder();
                while (Now.Kind == TokenKind.Text)
                    text.Append(tokens[_at++].Text);
                return new LiteralExpression(text.ToString(), token.Line);
            case TokenKind.Integer:
                _at++;
                return new LiteralExpression(Integer(token), token.Line);
            case TokenKind.Real:
                _at++;
                return new LiteralExpression(double.Parse(token.Text, CultureInfo.InvariantCulture), token.Line);
            case TokenKind.Operator when Skip("("):
                return Parenthesis(token.Line);
            case TokenKind.Operator when Skip("["):
                return new ListExpression(Items("]"), false, token.Line);
            case TokenKind.Operator when Skip("{"):
                return Map(token.Line);
            default:
                throw Unexpected();
        }
    }

    private Expression Parenthesis(int line)
    {
        if (Skip(")"))
            return new ListExpression([], true, line);
        Expression first = Expression();
        if (Skip(")"))
            return first;
        Must(",");
        return new ListExpression([first, .. Items(")")], true, line);
    }

    private List<Expression> Items(string close)
    {
        var items = new List<Expression>();
        while (!Skip(close))
        {
            items.Add(Expression());
            if (Skip(close))
                break;
            Must(",");
        }
        return items;
    }

    private MapExpression Map(int line)
    {
        var members = new List<(Expression Key, Expression Value)>();
        while (!Skip("}"))
        {
            Expression key = Expression();
            Must(":");
            members.Add((key, Expression()));
            if (Skip("}"))
                break;
            Must(",");
        }
        return new(members, line);
    }

    private static object Integer(Token token) => long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
        ? number
        : throw new JinjaException(token.Line, $"{token.Text} is too large");

    private void Deeper()
    {
        if (++_depth > DeepestNesting)
            throw new JinjaException(Now.Line, "The template nests too deeply");
    }

    private bool Skip(string op)
    {
        if (Now.Kind != TokenKind.Operator || Now.Text != op)
            return false;
        _at++;
        return true;
    }

    private bool SkipName(string name)
    {
        if (Now.Kind != TokenKind.Name || Now.Text != name)
            return false;
        _at++;
        return true;
    }

    private void Must(string op)
    {
        if (!Skip(op))
            throw new JinjaException(Now.Line, $"expected '{op}', got {Told(Now)}");
    }

    private Token Take(TokenKind kind) => Now.Kind == kind ? tokens[_at++] : throw Unexpected();

    private JinjaException Unexpected() => new(Now.Line, $"unexpected {Told(Now)}");

    private static string Told(Token token) => token.Kind switch
    {
        TokenKind.End => "end of template",
        TokenKind.EndPrint => "'}}'",
        TokenKind.EndBlock => "'%}'",
        TokenKind.BeginBlock or TokenKind.BeginPrint => "a tag",
        _ => $"'{token.Text}'",
    };
}
