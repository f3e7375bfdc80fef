//! The verbs: each finds its files, calls the library, prints the outcome.

use super::arguments::{Eval, Export, Format, Replay, Solve};
use super::experiments;
use crate::config::{PRESETS, read_setting};
use crate::console::{print_json, print_line};
use crate::draw::Screen;
use crate::evaluate::Player;
use crate::experiment::Experiment;
use crate::export::{PolicyFile, write_safetensors};
use crate::failure::{Failure, Outcome};
use crate::record::{RunFolder, write_atomically};
use crate::registry::ENVIRONMENTS;
use crate::replay_trace;
use crate::solve::{self, MODELS, Question};
use crate::study::Study;
use crate::task::Task;
use embedded_rl_core::env::Env;
use embedded_rl_core::nn::Lanes;
use embedded_rl_core::space::Space;
use serde_json::json;
use std::path::Path;

pub(super) fn list(json: bool) -> Outcome<()> {
    if !json {
        print_line("environments");
    }
    for environment in ENVIRONMENTS {
        let (id, limit, threshold) =
            (environment.id, environment.step_limit, environment.reward_threshold);
        if json {
            print_json(&json!({
                "type": "environment",
                "id": id,
                "max_episode_steps": limit,
                "reward_threshold": threshold,
            }));
        } else {
            let limit =
                limit.map_or("no step limit".to_owned(), |limit| format!("at most {limit} steps"));
            let solved =
                threshold.map(|threshold| format!(", solved at {threshold}")).unwrap_or_default();
            print_line(&format!("  {id:<24} {limit}{solved}"));
        }
    }
    if !json {
        print_line("presets");
    }
    for (name, text) in PRESETS {
        let about = text.lines().next().unwrap_or_default().trim_start_matches(['#', ' ']);
        if json {
            print_json(&json!({"type": "preset", "name": name, "about": about}));
        } else {
            print_line(&format!("  {name:<28} {about}"));
        }
    }
    if !json {
        print_line("models to solve");
    }
    for (name, about) in MODELS {
        if json {
            print_json(&json!({"type": "model", "name": name, "about": about}));
        } else {
            print_line(&format!("  {name:<24} {about}"));
        }
    }
    Ok(())
}

pub(super) fn eval(arguments: &Eval, json: bool) -> Outcome<()> {
    if arguments.watch && json {
        return Err(Failure::wrong_use(
            "--watch draws on standard output, where --json wants nothing but objects: leave one out",
        ));
    }
    if arguments.policy.is_dir()
        && let Some(experiment) = Experiment::of_folder(&RunFolder::open(&arguments.policy)?)?
    {
        return experiments::eval(&experiment, arguments, json);
    }
    let file = policy_of(&arguments.policy)?;
    let policy = file.view();
    let id = arguments.environment.as_deref().unwrap_or(policy.environment());
    if id.is_empty() {
        return Err(Failure::wrong_use(format!(
            "{} does not say which environment it is for; give one with --environment",
            file.path().display()
        )));
    }
    let (task, _) = Task::make(id)?;
    let actions = match task.action_space() {
        Space::Discrete { n } => n as usize,
        other => other.len(),
    };
    let (inputs, outputs) = (policy.spec().inputs(), policy.spec().outputs());
    if inputs != task.observation_space().len() || outputs != actions {
        return Err(Failure::failed(format!(
            "{} has {inputs} inputs and {outputs} actions, {id} has {} and {actions}",
            file.path().display(),
            task.observation_space().len()
        )));
    }
    let player = Player {
        spec: policy.spec(),
        parameters: policy.parameters(),
        normalise: policy.normalise(),
        lanes: Lanes::best(),
    };
    // First, so that a file that cannot be written is not said after everything else.
    for screen in arguments.screens() {
        let seed = arguments.film_seed.unwrap_or(arguments.seed);
        let filmed = player.film(id, seed, screen)?;
        experiments::print_film(screen, seed, &filmed, json);
    }
    let returns = player.play(&task, arguments.seed, arguments.episodes, |seed, episode| {
        if json {
            print_json(&json!({"type": "episode", "seed": seed, "return": episode.total_reward, "length": episode.length}));
        }
        true
    });
    if json {
        print_json(
            &json!({"type": "evaluation", "environment": id, "episodes": returns.count(), "mean": returns.mean(), "std": returns.std()}),
        );
    } else {
        print_line(&format!(
            "{id}: return {:.2} +- {:.2} over {} episodes",
            returns.mean(),
            returns.std(),
            returns.count()
        ));
    }
    Ok(())
}

pub(super) fn solve(arguments: &Solve, json: bool) -> Outcome<()> {
    let mut options = serde_json::Map::new();
    for setting in &arguments.set {
        let (key, value) = read_setting(setting)?;
        options.insert(key.to_owned(), serde_json::to_value(value).unwrap_or_default());
    }
    let question = Question {
        discount: arguments.discount,
        method: arguments.method,
        episodes: arguments.episodes,
    };
    let solution = solve::solve(&arguments.model, &options.into(), &question)?;
    if let Some(folder) = &arguments.out {
        let title = format!("{}, discount {}", arguments.model, arguments.discount);
        solve::records::write(folder, &title, &solution)?;
    }
    if !json {
        print_line(&solution.to_string());
        return Ok(());
    }
    // JSON has no infinity: an impossible action is null.
    let q: Vec<_> = solution.q.chunks(solution.actions).collect();
    print_json(&json!({
        "type": "solution",
        "model": arguments.model,
        "discount": arguments.discount,
        "q": q,
        "policy": solution.policy,
        "sweeps": solution.sweeps,
        "played": solution.played().map(|(mean, error, expected)| {
            json!({"episodes": solution.returns.len(), "mean": mean, "standard_error": error, "expected": expected})
        }),
    }));
    Ok(())
}

pub(super) fn export(arguments: &Export, json: bool) -> Outcome<()> {
    let file = policy_of(&arguments.run)?;
    let policy = file.view();
    match arguments.format {
        Format::Rlp => {
            write_atomically(&arguments.out, file.bytes())?;
            let written = PolicyFile::read(&arguments.out)?;
            if written.bytes() != file.bytes() {
                let path = arguments.out.display();
                return Err(Failure::failed(format!(
                    "{path} does not read back as it was written"
                )));
            }
        }
        Format::Safetensors => write_safetensors(&arguments.out, &policy)?,
    }
    let path = arguments.out.display().to_string();
    let hash = format!("{:016x}", embedded_rl_core::weights::hash(policy.parameters()));
    if json {
        print_json(
            &json!({"type": "export", "path": path, "environment": policy.environment(), "parameters": policy.parameters().len(), "parameters_hash": hash}),
        );
    } else {
        print_line(&format!("{path}: {} parameters, hash {hash}", policy.parameters().len()));
    }
    Ok(())
}

/// The policy file at `path`, or the one of the run in the folder `path`.
fn policy_of(path: &Path) -> Outcome<PolicyFile> {
    if !path.is_dir() {
        return PolicyFile::read(path);
    }
    let folder = RunFolder::open(path)?;
    if let Some(study) = Study::of_folder(&folder)? {
        let first = study.seeds.each().next().unwrap_or_default();
        let run = path.join(Study::run_path(&study.variants[0], first));
        return Err(Failure::failed(format!(
            "{} holds several runs; give one of them, such as {}",
            path.display(),
            run.display()
        )));
    }
    if !folder.policy().exists() {
        let path = path.display();
        return Err(Failure::failed(format!(
            "{path} has no policy yet; finish it with: embedded-rl train --resume {path}"
        )));
    }
    PolicyFile::read(&folder.policy())
}

pub(super) fn replay(arguments: &Replay, json: bool) -> Outcome<()> {
    let path = arguments.trace.display();
    let film = arguments
        .gif
        .as_deref()
        .map(|path| replay_trace::Film { screen: Screen::File(path), episode: arguments.episode });
    let report = replay_trace::replay_filmed(&arguments.trace, film)
        .map_err(|error| Failure::failed(format!("cannot replay {path}: {error}")))?;
    if json {
        print_json(&json!({
            "type": "replay",
            "path": path.to_string(),
            "environment": report.environment,
            "episodes": report.episodes,
            "steps": report.steps,
            "matches": report.matches(),
            "difference": report.difference.as_ref().map(ToString::to_string),
        }));
    } else {
        print_line(&format!("{path}: {report}"));
    }
    if report.matches() {
        return Ok(());
    }
    Err(Failure::failed(format!("{path} differs from {}", report.environment)))
}
