namespace Sluice.Deploy;

/// <summary>The codes of build and deploy; each has a page under <c>docs/diagnostics/</c>.</summary>
public static class DeployCodes
{
    /// <summary>The assembly's manifest cannot be read.</summary>
    public const string ManifestUnreadable = "SLC1001";

    /// <summary>A message, no error: the assembly has no deployment.</summary>
    public const string NothingToDeploy = "SLC1002";

    /// <summary>A schedule is invalid.</summary>
    public const string ScheduleInvalid = "SLC1003";

    /// <summary>Parameters do not fit the flow's schema.</summary>
    public const string ParametersDoNotFit = "SLC1004";

    /// <summary>The named work pool does not exist.</summary>
    public const string WorkPoolMissing = "SLC1005";

    /// <summary>The API does not answer.</summary>
    public const string ApiUnreachable = "SLC1006";

    /// <summary>The API refused.</summary>
    public const string ApiRefused = "SLC1007";

    /// <summary>The package store failed.</summary>
    public const string StorageFailed = "SLC1008";

    /// <summary>No space is left on the disk.</summary>
    public const string DiskFull = "SLC1009";

    /// <summary>A file changed while it was packaged.</summary>
    public const string FileChanged = "SLC1010";

    /// <summary>A warning: this machine cannot run the published runtime identifier.</summary>
    public const string RuntimeCannotRun = "SLC1011";

    /// <summary>A warning: a CI build without a configured API.</summary>
    public const string CiWithoutApi = "SLC1012";

    /// <summary>The .NET SDK is too old; raised by the targets.</summary>
    public const string SdkTooOld = "SLC1013";

    /// <summary>The home folder cannot be written.</summary>
    public const string HomeUnwritable = "SLC1014";

    /// <summary>The embedded API's database is damaged.</summary>
    public const string DatabaseDamaged = "SLC1015";

    /// <summary>A flow or deployment is declared in a way that no server takes.</summary>
    public const string DeclarationInvalid = "SLC1016";

    /// <summary>The package lacks the program that would start the flow.</summary>
    public const string ProgramMissing = "SLC1017";

    /// <summary>Nothing is to be uploaded, and the deployment has no package yet.</summary>
    public const string NoLivePackage = "SLC1018";

    /// <summary>A new parameter schema refuses what the live one accepts. A warning where that is allowed.</summary>
    public const string BreakingChange = "SLC1019";

    /// <summary>Parameters that are saved on the server do not fit the new schema. A warning where breaking changes are allowed.</summary>
    public const string SavedParametersDoNotFit = "SLC1020";

    /// <summary>The working tree is not what workers would fetch: it is changed, not pushed, or a clone of another repository.</summary>
    public const string SourceDiffers = "SLC1037";

    /// <summary>The system that holds the source failed or refused.</summary>
    public const string SourceFailed = "SLC1038";

    /// <summary>What was published cannot be named in the source.</summary>
    public const string SourceUnknown = "SLC1039";

    /// <summary>A program cannot be stored as a script.</summary>
    public const string ScriptRefused = "SLC1041";

    /// <summary>Nothing is stored, and nothing says how workers start the program.</summary>
    public const string CommandMissing = "SLC1042";

    /// <summary>A warning: a schedule has an option that a Prefect server does not know.</summary>
    public const string ScheduleOptionIgnored = "SLC1023";

    /// <summary>The self-test: the published program cannot start, or one of its types does not load.</summary>
    public const string SelfTestFailed = "SLC1043";

    /// <summary>The self-test: the published program has other flows than the manifest.</summary>
    public const string SelfTestDiffers = "SLC1044";

    /// <summary>The self-test: a deployment's parameters do not bind.</summary>
    public const string SelfTestDoesNotBind = "SLC1045";

    /// <summary>The self-test: the published program did not answer in time.</summary>
    public const string SelfTestTimedOut = "SLC1046";

    /// <summary>A warning: this machine cannot run the published program, which is not tested.</summary>
    public const string SelfTestSkipped = "SLC1047";

    /// <summary>A warning: an image stays on this machine, and the API is another one's.</summary>
    public const string ImageStaysLocal = "SLC1048";

    /// <summary>A deployment has schedules as a Prefect 2 server cannot have them.</summary>
    public const string Prefect2Schedules = "SLC1070";

    /// <summary>A warning: a Prefect 2 server does not limit the runs of a deployment.</summary>
    public const string Prefect2ConcurrencyLimit = "SLC1071";

    /// <summary>A warning: an image does not answer to <c>prefect flow-run execute</c>.</summary>
    public const string ImageWithoutPrefect = "SLC1077";

    /// <summary>Fields were changed both in the code and on the server. A warning of a plan.</summary>
    public const string Conflict = "SLC1090";

    /// <summary>A deployment changed on the server while it was deployed.</summary>
    public const string ChangedMeanwhile = "SLC1091";

    /// <summary>What the publish says of conflicts is none of the rules.</summary>
    public const string ConflictRuleUnknown = "SLC1093";

    /// <summary>A warning: the record of the last publish cannot be read.</summary>
    public const string LastPublishUnknown = "SLC1092";

    /// <summary>The key that is to sign packages cannot be used.</summary>
    public const string SigningKeyUnusable = "SLC1122";

    /// <summary>A warning: a key is named that signs packages, and a deployment's program is none.</summary>
    public const string NotSigned = "SLC1123";

    /// <summary>A warning: what the program is made of cannot be read.</summary>
    public const string PartsUnreadable = "SLC1124";

    /// <summary>The file that the summary goes to cannot be written.</summary>
    public const string SummaryUnwritable = "SLC1125";

    /// <summary>The infrastructure that the code names is not that of the work pool.</summary>
    public const string InfrastructureDiffers = "SLC1078";

    /// <summary>A deployment does not have the version that is asked for.</summary>
    public const string VersionMissing = "SLC1102";

    /// <summary>The record of a version is lost, or was changed.</summary>
    public const string VersionUnreadable = "SLC1103";

    /// <summary>The package of a version is gone or damaged.</summary>
    public const string VersionPackageGone = "SLC1104";

    /// <summary>A warning: the package of a version that comes back is not signed, and the present one is.</summary>
    public const string VersionNotSigned = "SLC1134";

    /// <summary>A warning: whether the program of a version that comes back is still there cannot be asked.</summary>
    public const string VersionProgramUnknown = "SLC1135";

    /// <summary>A warning: a publish takes over another app's deployment.</summary>
    public const string OtherApp = "SLC1106";

    /// <summary>What a publish says about its environment cannot be read.</summary>
    public const string EnvironmentInvalid = "SLC1107";

    /// <summary>A warning: nothing of the app would be left, so nothing was pruned.</summary>
    public const string PruneRefused = "SLC1108";

    /// <summary>A publish would replace a deployment of another environment.</summary>
    public const string EnvironmentWouldReplace = "SLC1109";

    /// <summary>What a publish says about renames cannot be.</summary>
    public const string RenameInvalid = "SLC1110";

    /// <summary>A file of a deployment cannot be read as YAML.</summary>
    public const string FileUnreadable = "SLC1111";

    /// <summary>A file of a deployment has an unknown key, or one twice.</summary>
    public const string FileKey = "SLC1112";

    /// <summary>A value in a file of a deployment is missing, of another type, or not allowed.</summary>
    public const string FileValue = "SLC1113";

    /// <summary>The part of a file that building writes was changed.</summary>
    public const string FileChangedBelow = "SLC1114";

    /// <summary>Two files name the same deployment.</summary>
    public const string FileTwice = "SLC1115";

    /// <summary>What is to be built cannot be chosen: no such flow, several of them, or no name for the deployment.</summary>
    public const string BuildTarget = "SLC1116";

    /// <summary>A file cannot be uploaded for, or its deployment has no program.</summary>
    public const string FileWithoutProgram = "SLC1117";

    /// <summary>Job variables do not fit the template of the work pool.</summary>
    public const string JobVariablesDoNotFit = "SLC1095";

    /// <summary>Applying to a server without transactions failed, and all is as it was before.</summary>
    public const string ApplyUndone = "SLC1098";

    /// <summary>Applying to a server without transactions failed or was interrupted, and is not undone yet. A warning of a plan.</summary>
    public const string ApplyLeft = "SLC1099";

    /// <summary>Another publish of the app applies right now. A warning of a plan.</summary>
    public const string PublishRunning = "SLC1100";

    /// <summary>A warning: another project publishes under the same app's name.</summary>
    public const string OtherProject = "SLC1128";

    /// <summary>The journal of an interrupted publish cannot be read.</summary>
    public const string JournalDamaged = "SLC1101";
}
