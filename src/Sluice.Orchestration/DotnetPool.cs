using System.Text.Json;
using Sluice.Orchestration.Json;

namespace Sluice.Orchestration;

/// <summary>Work pools of the type <c>dotnet</c>, whose runs are processes that a Sluice worker starts.</summary>
public static class DotnetPool
{
    /// <summary>The pools' type.</summary>
    public const string Type = "dotnet";

    /// <summary>
    /// Their base job template: the job variables that a Sluice worker reads, with types, so that the server refuses others' values and Prefect's pages show a form.
    /// </summary>
    public static JsonElement BaseJobTemplate { get; } = JsonText.Parse("""
        {
          "job_configuration": {
            "env": "{{ env }}",
            "command": "{{ command }}",
            "working_dir": "{{ working_dir }}",
            "stream_output": "{{ stream_output }}",
            "termination_grace_seconds": "{{ termination_grace_seconds }}"
          },
          "variables": {
            "type": "object",
            "properties": {
              "env": {
                "type": "object",
                "title": "Environment Variables",
                "description": "Environment variables of a run's process. null takes one away that the worker has; a value that is one ${NAME} becomes the secret of that name, from the worker's environment or the server's secret blocks.",
                "additionalProperties": { "anyOf": [ { "type": "string" }, { "type": "null" } ] },
                "default": {}
              },
              "command": {
                "anyOf": [ { "type": "string" }, { "type": "null" } ],
                "title": "Command",
                "description": "What to run for a deployment that names no package. It is split as a shell splits words, and run without one.",
                "default": null
              },
              "working_dir": {
                "anyOf": [ { "type": "string" }, { "type": "null" } ],
                "title": "Working Directory",
                "description": "The folder that a command runs in; a fresh temporary one when not given. A package runs in its own folder.",
                "default": null
              },
              "stream_output": {
                "type": "boolean",
                "title": "Stream Output",
                "description": "Whether what the process writes becomes records of the run's log.",
                "default": true
              },
              "termination_grace_seconds": {
                "anyOf": [ { "type": "number", "minimum": 0, "maximum": 86400 }, { "type": "null" } ],
                "title": "Termination Grace",
                "description": "How many seconds a cancelled run has to end after SIGTERM before its process tree is killed; 30 when not given.",
                "default": null
              }
            }
          }
        }
        """);

    /// <summary>The body that creates one.</summary>
    /// <param name="name">Its name.</param>
    public static WorkPoolCreate Create(string name) => new() { Name = name, Type = Type, BaseJobTemplate = BaseJobTemplate };
}
